import { Command } from "commander";
import { type Answer, answering, type CommonOptions } from "../answer.ts";
import type { Context } from "../context.ts";
import { outputFolder } from "../folders.ts";
import { type RunFlags, runOptions, withRunFlags } from "../options.ts";

interface PlotOptions extends CommonOptions, RunFlags {
  readonly out?: string;
}

const examples = `
Examples:
  advect plot runs/two-moons               all figures again, with the newest checkpoint
  advect plot runs/two-moons loss          the losses alone, also while it trains
  advect plot runs/two-moons field samples --out pictures

Every figure is written as SVG and PNG, light and dark. PNG needs the package @resvg/resvg-js.`;

/** advect plot: the figures of a run. */
export function plotCommand(context: Context): Command {
  const command = withRunFlags(
    new Command("plot")
      .description("draw the figures of a run")
      .argument("<run>", "the folder of a run")
      .argument("[figures...]", "loss, samples, density, trajectories, field … (default: all of them)")
      .option("--out <folder>", "where they go (default: figures/ in the run)"),
  ).addHelpText("after", examples);
  return answering(command, context, (options: PlotOptions, run: string, only: readonly string[]) =>
    plot({ run, only }, options, context),
  );
}

async function plot(
  { run, only }: { readonly run: string; readonly only: readonly string[] },
  options: PlotOptions,
  context: Context,
): Promise<Answer> {
  const { plotRun } = await import("../../app/index.ts");
  const { writeFileAtomic } = await import("../../engine/platform/index.ts");
  const warn = (message: string) => context.stderr.write(`${message}\n`);
  const files = await plotRun(run, { ...runOptions(options), only, warn });
  const folder = options.out ?? `${run}/figures`;
  outputFolder(folder);
  for (const [name, bytes] of Object.entries(files)) await writeFileAtomic(`${folder}/${name}`, bytes);
  const names = Object.keys(files).map((name) => `${folder}/${name}`);
  return { json: { figures: names }, text: names.join("\n") };
}
