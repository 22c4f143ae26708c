import { Command } from "commander";
import type { InspectedArray, Inspection } from "../../app/index.ts";
import { type Answer, answering } from "../answer.ts";
import type { Context } from "../context.ts";
import { table } from "../table.ts";

const examples = `
Examples:
  advect inspect runs/two-moons
  advect inspect runs/two-moons/samples.npz
  advect inspect model.onnx --json

Reads runs, checkpoints, npy, npz, csv (each also gzipped), safetensors and onnx.`;

/** advect inspect: what is in a file. */
export function inspectCommand(context: Context): Command {
  const command = new Command("inspect")
    .description("say what is in a run, a checkpoint or a file")
    .argument("<path>", "a folder or a file")
    .addHelpText("after", examples);
  return answering(command, context, (_: object, path: string) => inspect(path));
}

async function inspect(path: string): Promise<Answer> {
  const { inspectPath } = await import("../../app/index.ts");
  const found = await inspectPath(path);
  return { json: found, text: described(found) };
}

function described({ path, kind, facts, parts }: Inspection): string {
  const lines = Object.entries(facts).map(([name, value]) => [name, shownFact(value)]);
  const sections = Object.entries(parts).map(
    ([name, arrays]) => `\n${name}\n${table(arrays.map(rowOf), "  ")}`,
  );
  return [`${path}: ${kind}`, table(lines, "  "), ...sections].join("\n");
}

function shownFact(value: unknown): string {
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.includes("\n") ? `${text.split("\n").length} lines` : text;
}

function rowOf({ name, dtype, shape, range, notFinite = 0 }: InspectedArray): string[] {
  const spread = range ? `${shortened(range[0])} … ${shortened(range[1])}` : "";
  return [name, dtype, `[${shape.join(", ")}]`, spread, notFinite > 0 ? `${notFinite} not finite` : ""];
}

const shortened = (value: number) => `${Number(value.toPrecision(4))}`;
