import { Command, Option } from "commander";
import type { LiveReport, LiveStep } from "../../app/pusht/index.ts";
import { type Answer, answering, type CommonOptions } from "../answer.ts";
import { type Context, hasColors } from "../context.ts";
import { finite, whole } from "../options.ts";
import { progressLine } from "../progress-line.ts";
import { imageText } from "../scene-text.ts";
import { table } from "../table.ts";
import { checkTask, policyFolder } from "./eval.ts";

interface RunOptions extends CommonOptions {
  readonly policy?: string;
  readonly hz: number;
  readonly seed: number;
  readonly mode: "synchronous" | "asynchronous";
  readonly maxSteps: number;
}

const examples = `
Examples:
  advect run pusht                            the policy that comes with advect, 10 steps a second
  advect run pusht --policy runs/pusht --hz 50 --seed 7
  advect run pusht --mode asynchronous --json

The world moves on at every tick, whether the policy is ready or not; ticks that came late or without an action of a chunk
are counted as missed. Ctrl-C ends it.`;

/** advect run: one episode against the clock. */
export function runCommand(context: Context): Command {
  const command = new Command("run")
    .description("drive a task by a policy in real time")
    .argument("<task>", "pusht")
    .option(
      "--policy <folder>",
      "of a policy, a run or a checkpoint (default: the one that comes with advect)",
    )
    .option("--hz <n>", "steps in a second", finite, 10)
    .option("--seed <n>", "where the episode starts", whole(0), 100000)
    .addOption(
      new Option("--mode <name>", "predict in the tick, or while the last chunk plays")
        .choices(["synchronous", "asynchronous"])
        .default("synchronous"),
    )
    .option("--max-steps <n>", "after which it ends", whole(1), 300)
    .addHelpText("after", examples);
  return answering(command, context, (options: RunOptions, task: string) => run(task, options, context));
}

async function run(task: string, options: RunOptions, context: Context): Promise<Answer> {
  checkTask(task);
  const folder = policyFolder(options.policy, context);
  const { livePusht } = await import("../../app/pusht/index.ts");
  const { loadPolicy, systemTimer } = await import("../../robot/index.ts");
  const { key } = await import("../../engine/random/index.ts");
  using interruption = context.interruption();
  using policy = await loadPolicy(folder);
  using screen = await screenOf(context);
  const report = await livePusht({
    policy,
    seed: options.seed,
    key: key(options.seed).fold("live"),
    timer: systemTimer({ clock: context.clock }),
    mode: options.mode,
    hz: options.hz,
    maxSteps: options.maxSteps,
    shown: screen.show,
    signal: interruption.signal,
  });
  const interrupted = interruption.signal.aborted;
  return {
    json: { policy: policy.spec.name, hz: options.hz, mode: options.mode, ...report },
    text: liveTable(report),
    ...(interrupted && { exitCode: 130 }),
  };
}

interface Screen extends Disposable {
  readonly show: (step: LiveStep) => void;
}

/** The scene on a terminal with colours, a line elsewhere. */
async function screenOf(context: Context): Promise<Screen> {
  const { stderr } = context;
  const line = progressLine(context);
  const text = ({ step, reward }: LiveStep) => `step ${step}  reward ${reward.toFixed(3)}`;
  if (!hasColors(context, stderr) || (stderr.columns ?? 0) < pixels) {
    return { show: (step) => line.show(text(step)), [Symbol.dispose]: () => line[Symbol.dispose]() };
  }
  const { rasterize } = await import("../../robot/index.ts");
  const size = { width: pixels, height: pixels };
  let drawn = false;
  return {
    show(step) {
      const lines = [...imageText(rasterize(step.scene, size)), `${text(step)}\x1b[K`];
      stderr.write(`${drawn ? `\x1b[${lines.length}A` : ""}${lines.join("\n")}\n`);
      drawn = true;
    },
    [Symbol.dispose]() {},
  };
}

const pixels = 48;

/** How the episode went, and how well the loop kept time. */
export function liveTable({ seed, steps, maxReward, success, loop }: LiveReport): string {
  const { statistics } = loop;
  const times = ({ p50Ms, p99Ms, maxMs }: { p50Ms: number; p99Ms: number; maxMs: number }) =>
    `p50 ${p50Ms.toFixed(2)}, p99 ${p99Ms.toFixed(2)}, max ${maxMs.toFixed(2)} ms`;
  const { misses, inference, lateness } = statistics;
  return table([
    ["episode", `seed ${seed}, ${steps} steps, ${success ? "success" : "no success"}`],
    ["reward", maxReward.toFixed(3)],
    ["chunks", `${inference.count}, ${times(inference)}`],
    ["actions", `${times(lateness)} after their tick`],
    [
      "missed",
      `${misses.total} of ${steps} ticks: ${misses.late} late, ${misses.empty} without a chunk, ${misses.skipped} skipped`,
    ],
  ]);
}
