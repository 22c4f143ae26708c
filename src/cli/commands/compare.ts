import { Command } from "commander";
import type { CompareBudget, CompareProgress, Comparison, MethodName } from "../../app/compare/index.ts";
import { type Answer, answering, type CommonOptions } from "../answer.ts";
import type { Context } from "../context.ts";
import { duration, type RunFlags, runOptions, whole, withRunFlags } from "../options.ts";
import { comparedTasks, comparePolicyMethods } from "./compare-policies.ts";

interface CompareOptions extends CommonOptions, RunFlags {
  readonly methods?: string;
  /** A name, or seconds. */
  readonly budget: string | number;
  readonly steps?: number;
  readonly episodes?: number;
  readonly out?: string;
  readonly seed: number;
}

const examples = `
Examples:
  advect compare checkerboard                 all methods, about 3 minutes, into runs/compare-checkerboard
  advect compare two-moons --methods flow,rectified,ddpm
  advect compare checkerboard --budget small  seconds: everything runs, and nothing is trained well
  advect compare pusht --budget 60m           policies in closed loop: score, latency, jerk
  advect compare spiral --budget 10m          as many steps as let it take 10 minutes on this machine

Methods of pusht and navigation: flow, ot-flow, diffusion, regression, vae.
Methods: flow, ot-flow, rectified, mean-flow, vp, ddpm, ddim. All train the same network for as many steps on the same
data and noise; rectified then trains once more, on the pairs that flow makes. The folder gets comparison.json and
comparison.md whenever a method is finished, and pictures at the end; Ctrl-C keeps what is finished.`;

/** advect compare: methods beside each other, on one distribution. */
export function compareCommand(context: Context): Command {
  const command = withRunFlags(
    new Command("compare")
      .description("compare flow matching with its relatives: quality, calls of the network, time")
      .argument(
        "<data>",
        "checkerboard, two-moons, or another distribution of the plane; pusht or navigation",
      )
      .option("--methods <names>", "with commas between them (default: all)")
      .option(
        "--budget <time>",
        "full, small, or about how long it may take, such as 90s or 10m",
        nameOrSeconds,
        "full",
      )
      .option("--steps <n>", "optimiser steps of each training in the place of the budget's", whole(1))
      .option("--episodes <n>", "of pusht and navigation, that each policy plays", whole(1))
      .option("--out <folder>", "where tables and pictures go (default: runs/compare-<data>)")
      .option("--seed <n>", "of everything that is drawn", whole(0), 0),
  ).addHelpText("after", examples);
  return answering(command, context, (options: CompareOptions, data: string) =>
    Object.hasOwn(comparedTasks, data)
      ? comparePolicyMethods(data, options, context)
      : run(data, options, context),
  );
}

async function run(name: string, options: CompareOptions, context: Context): Promise<Answer> {
  const { choose, compare, saveComparison } = await import("../../app/compare/index.ts");
  const { distributions } = await import("../../data/index.ts");
  const data = distributions[choose("distribution", name, Object.keys(distributions))]!;
  const folder = options.out ?? `runs/compare-${data.name}`;
  using interruption = context.interruption();
  using line = progressLine(context);
  const comparison = await compare({
    ...runOptions(options),
    ...(await budgetIn(options)),
    ...(options.methods !== undefined && { methods: namesIn(options.methods) as MethodName[] }),
    data,
    seed: options.seed,
    signal: interruption.signal,
    progress: line.show,
    finished: async (soFar) => {
      await saveComparison(soFar, folder);
    },
    clock: context.clock,
  });
  return answer(comparison, { folder, context });
}

const namesIn = (text: string): string[] => text.split(/[\s,]+/).filter((name) => name !== "");

const nameOrSeconds = (text: string): string | number => (/^[\d.]/.test(text) ? duration(text) : text);

/** --steps is about names and times. */
async function budgetIn({
  budget,
  steps,
}: CompareOptions): Promise<{ budget: CompareBudget; seconds?: number }> {
  const { budgetOf, compareBudgets } = await import("../../app/compare/index.ts");
  const chosen = typeof budget === "number" ? compareBudgets.full : budgetOf(budget);
  if (steps !== undefined) return { budget: { ...chosen, steps } };
  return { budget: chosen, ...(typeof budget === "number" && { seconds: budget }) };
}

async function answer(
  comparison: Comparison,
  { folder, context }: { readonly folder: string; readonly context: Context },
): Promise<Answer> {
  const { comparisonJson, comparisonText, saveComparisonFigures, saveComparison } = await import(
    "../../app/compare/index.ts"
  );
  const interrupted = comparison.missing.length > 0;
  const warn = (message: string) => context.stderr.write(`${message}\n`);
  const some = comparison.rows.some(({ method }) => method !== "data");
  const files = some
    ? [
        ...(await saveComparison(comparison, folder)),
        ...(await saveComparisonFigures(comparison, folder, { warn })),
      ]
    : [];
  const kept = some ? `\n\nLook at:\n${files.map((file) => `  ${file}`).join("\n")}` : "";
  return {
    json: { ...comparisonJson(comparison), interrupted, files },
    text: `${comparisonText(comparison)}${kept}`,
    ...(interrupted && { exitCode: 130 }),
  };
}

interface ProgressLine extends Disposable {
  readonly show: (state: CompareProgress) => void;
}

/** On a terminal one line, redrawn; elsewhere a line every ten seconds. */
function progressLine({ stderr, clock }: Context): ProgressLine {
  const everyMs = stderr.isTTY ? 100 : 10_000;
  let shownAt = clock.nowMs();
  let shown = false;
  return {
    show({ doing, done, secondsLeft }) {
      if (clock.nowMs() - shownAt < everyMs) return;
      shownAt = clock.nowMs();
      shown = true;
      const text = `${(100 * done).toFixed(0).padStart(3)} %  ${doing}  ${Math.ceil(secondsLeft)} s left`;
      stderr.write(stderr.isTTY ? `\r${text}\x1b[K` : `${text}\n`);
    },
    [Symbol.dispose]() {
      if (shown && stderr.isTTY) stderr.write("\n");
    },
  };
}
