import { dirname } from "node:path";
import { Command, Option } from "commander";
import type { ExportOptions } from "../../app/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { PolicyExport } from "../../robot/index.ts";
import { type Answer, answering, type CommonOptions } from "../answer.ts";
import type { Context } from "../context.ts";
import { outputFolder } from "../folders.ts";
import { collected, whole } from "../options.ts";
import { grouped } from "../table.ts";

interface ExportFlags extends CommonOptions {
  readonly out: string;
  readonly what?: "sampler" | "field";
  readonly batch?: number;
  readonly standard?: boolean;
  readonly set: readonly string[];
}

const examples = `
Examples:
  advect export runs/two-moons --out model.onnx                 x0 [64, 2], standard normal -> x [64, 2]
  advect export runs/two-moons --out field.onnx --what field    x, t -> velocity
  advect export runs/two-moons --out model.onnx --batch 1000 --set sampling.steps=10
  advect export runs/two-moons --out model.safetensors          the parameters alone
  advect export runs/pusht --out policy.onnx                    observation and noise -> actions, of policies

The ONNX file has the normalisation of the data inside: what comes out is in their units (images: -1 to 1).
Any ONNX runtime runs it; --standard leaves out the operations that only ONNX Runtime knows.`;

/** advect export: a model for others to run. */
export function exportCommand(context: Context): Command {
  const command = new Command("export")
    .description("write a trained model as ONNX or safetensors")
    .argument("<run>", "the folder of a run, or of one of its checkpoints")
    .requiredOption("--out <file>", "model.onnx, or model.safetensors")
    .addOption(
      new Option("--what <part>", "of an ONNX file (default: sampler)").choices(["sampler", "field"]),
    )
    .option("--batch <n>", "samples of one call (default: 64)", whole(1))
    .option("--standard", "use only operations of ONNX itself")
    .option("--set <sampling.key=value>", "another word of the recipe's sampling", collected, [])
    .addHelpText("after", examples);
  return answering(command, context, (options: ExportFlags, run: string) => write(run, options, context));
}

interface Bytes<Settings> {
  readonly format: string;
  readonly settings: Settings;
}

async function runBytes(
  path: string,
  {
    format,
    settings,
    options,
    context,
  }: Bytes<ExportOptions> & { readonly options: ExportFlags; readonly context: Context },
): Promise<Uint8Array> {
  const { exportParameters, exportRun, loadRun } = await import("../../app/index.ts");
  const warn = (message: string) => context.stderr.write(`${message}\n`);
  const run = await loadRun(path, { set: options.set, warn });
  return format === "onnx" ? exportRun(run, settings) : exportParameters(run);
}

/** A policy takes one observation at a time unless --batch says otherwise. */
async function policyBytes(path: string, { format, settings }: Bytes<PolicyExport>): Promise<Uint8Array> {
  const { exportPolicy, loadPolicyModel, policyParameters } = await import("../../robot/index.ts");
  const model = await loadPolicyModel(path);
  return format === "onnx" ? exportPolicy(model, settings) : policyParameters(model);
}

async function write(path: string, options: ExportFlags, context: Context): Promise<Answer> {
  const { out, what = "sampler", batch, standard } = options;
  const format = /\.(onnx|safetensors)$/.exec(out)?.[1];
  if (!format) {
    throw new AdvectError("option", "--out", { expected: "a file called ….onnx or ….safetensors", got: out });
  }
  const { inspectPath } = await import("../../app/index.ts");
  const { isPolicy } = await import("../../robot/index.ts");
  const { writeFileAtomic } = await import("../../engine/platform/index.ts");
  const settings = { ...(batch !== undefined && { batch }), ...(standard && { standard }) };
  const bytes = (await isPolicy(path))
    ? await policyBytes(path, { format, settings })
    : await runBytes(path, { format, settings: { what, ...settings }, options, context });
  outputFolder(dirname(out));
  await writeFileAtomic(out, bytes);
  const { parts } = await inspectPath(out);
  const ports = (name: string) =>
    (parts[name] ?? []).map((port) => `${port.name} [${port.shape.join(", ")}]`);
  const arrow = format === "onnx" ? `: ${ports("inputs").join(", ")} -> ${ports("outputs").join(", ")}` : "";
  return {
    json: {
      out,
      format,
      bytes: bytes.length,
      ...(format === "onnx" && { what, inputs: parts.inputs, outputs: parts.outputs }),
    },
    text: `${out}, ${grouped(bytes.length)} bytes${arrow}`,
  };
}
