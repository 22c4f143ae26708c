import { existsSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Command } from "commander";
import type { PushtEvaluation } from "../../app/pusht/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { Evaluation, Method } from "../../robot/index.ts";
import { type Answer, answering, type CommonOptions } from "../answer.ts";
import type { Context } from "../context.ts";
import { whole } from "../options.ts";
import { progressLine } from "../progress-line.ts";
import { table } from "../table.ts";

interface EvalOptions extends CommonOptions {
  readonly policy?: string;
  readonly episodes: number;
  readonly seeds: number;
  readonly noiseSeed: number;
  readonly steps?: number;
  readonly execute?: number;
  readonly workers: number;
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly pictures: boolean;
}

const examples = `
Examples:
  advect eval pusht                           the policy that comes with advect, on the 50 published seeds
  advect eval pusht --policy runs/pusht --episodes 200 --seeds 200000 --workers 2
  advect eval pusht --policy runs/pusht --steps 10 --out runs/ten-steps
  advect eval pusht --json

Protocol: episodes start as the reference draws them from their seeds, end at success (coverage above 0.95) or after 300
steps at 10 Hz, and 8 actions of a chunk are executed; the score is the mean of the largest reward of each. The folder
gets evaluation.json, episodes.jsonl (with all actions), final.png, replay.gif, and replay.mp4 where ffmpeg is there. It
goes on where it was stopped.`;

/** advect eval: a policy, in closed loop, on a task. */
export function evalCommand(context: Context): Command {
  const command = new Command("eval")
    .description("play episodes of a task with a policy: score, success, latency")
    .argument("<task>", "pusht")
    .option(
      "--policy <folder>",
      "of a policy, a run or a checkpoint (default: the one that comes with advect)",
    )
    .option("--episodes <n>", "how many", whole(1), 50)
    .option("--seeds <from>", "the first seed", whole(0), 100000)
    .option("--noise-seed <n>", "of the policy's noise", whole(0), 0)
    .option("--steps <n>", "of the sampler, in the place of the policy's own", whole(1))
    .option("--execute <n>", "actions of a chunk that are executed (default: the policy's, 8)", whole(1))
    .option("--workers <n>", "threads that play; 0 plays in this one", whole(0), 0)
    .option("--out <folder>", "where results go (default: runs/eval-<name of the policy's folder>)")
    .option("--overwrite", "replace what is in that folder")
    .option("--no-pictures", "no contact sheet and no replay")
    .addHelpText("after", examples);
  return answering(command, context, (options: EvalOptions, task: string) => run(task, options, context));
}

/** The folder of the policy that ships with advect. */
export function shippedPolicy({ recipes }: Pick<Context, "recipes">): string {
  return join(dirname(recipes), "policies", "pusht");
}

/** Throws "option" where there is no policy to take. */
export function policyFolder(given: string | undefined, context: Pick<Context, "recipes">): string {
  const folder = given ?? shippedPolicy(context);
  if (existsSync(folder)) return folder;
  throw new AdvectError("option", "policy", {
    expected: "the folder of a policy",
    got: folder,
    fix: "Train one: npm start, or advect train pusht. Then: --policy <its folder>.",
  });
}

export function checkTask(task: string): void {
  if (task === "pusht") return;
  throw new AdvectError("option", "task", { expected: "pusht", got: task });
}

async function run(task: string, options: EvalOptions, context: Context): Promise<Answer> {
  checkTask(task);
  const policy = policyFolder(options.policy, context);
  const folder = options.out ?? join("runs", `eval-${basename(policy)}`);
  if (options.overwrite) rmSync(folder, { recursive: true, force: true });
  const { evaluatePusht } = await import("../../app/pusht/index.ts");
  using interruption = context.interruption();
  using line = progressLine(context);
  const { steps, execute } = options;
  try {
    const result = await evaluatePusht({
      policy,
      folder,
      from: options.seeds,
      count: options.episodes,
      noiseSeed: options.noiseSeed,
      ...(steps !== undefined && { method: { steps } as Partial<Method> }),
      ...(execute !== undefined && { executeSteps: execute }),
      workers: options.workers,
      pictures: options.pictures,
      clock: context.clock,
      signal: interruption.signal,
      warn: (message) => context.stderr.write(`${message}\n`),
      progress: ({ done, total, secondsLeft, meanMaxReward }) =>
        line.show(
          `${done} of ${total} episodes  score ${meanMaxReward.toFixed(3)}  ${Math.ceil(secondsLeft)} s left`,
        ),
    });
    return { json: { ...result.evaluation, folder, files: result.files }, text: textOf(result) };
  } catch (error) {
    if (!interruption.signal.aborted || error !== interruption.signal.reason) throw error;
    const text = `Stopped; finished episodes are in ${folder}, and the same command goes on.`;
    return { json: { interrupted: true, folder }, text, exitCode: 130 };
  }
}

function textOf({ evaluation, folder, files }: PushtEvaluation): string {
  const lines = files.map((file) => `  ${folder}/${file}`);
  return [evaluationTable(evaluation), "", "Look at:", ...lines].join("\n");
}

const per100 = (part: number) => `${(100 * part).toFixed(1)} %`;

/** What an evaluation found out, for people. */
export function evaluationTable(found: Evaluation): string {
  const {
    meanMaxRewardStdErr: error,
    successInterval: [low, high],
    latencyMs: latency,
    jerk,
  } = found;
  const rows: [string, string][] = [
    ["policy", found.policy],
    ["episodes", `${found.episodes}, seeds from ${found.seeds[0]}, noise seed ${found.noiseSeed}`],
    ["score", `${found.meanMaxReward.toFixed(3)}${error === null ? "" : ` +- ${error.toFixed(3)}`}`],
    ["success", `${per100(found.successRate)}, 95 % interval ${per100(low)} to ${per100(high)}`],
    ["below 0.8", `${found.belowCount} of ${found.episodes} episodes`],
    ["steps", `${found.meanSteps.toFixed(0)} an episode`],
    ["network", `${found.nfe} evaluations a chunk, ${found.executeSteps} actions executed`],
    ["jerk", `${rounded(jerk.inside.mean)} in chunks, ${rounded(jerk.boundary.mean)} between, px/s^3`],
  ];
  if (latency) {
    const { p50, p95, p99, max } = latency;
    const times = [p50, p95, p99, max].map((time) => time.toFixed(2));
    rows.push(["latency", `p50 ${times[0]}, p95 ${times[1]}, p99 ${times[2]}, max ${times[3]} ms`]);
    rows.push(["late", `${found.deadlineMisses} predictions slower than a step`]);
  }
  return table(rows);
}

const rounded = (value: number) => value.toFixed(0);
