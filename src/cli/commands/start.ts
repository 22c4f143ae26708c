import { rmSync } from "node:fs";
import { Command } from "commander";
import type { CompletePolicy } from "../../app/index.ts";
import type { MainJobResult } from "../../app/pusht/index.ts";
import { type Answer, answering, type CommonOptions } from "../answer.ts";
import type { Context } from "../context.ts";
import { duration, whole } from "../options.ts";
import { progressLine } from "../progress-line.ts";
import { findRecipe } from "../recipes.ts";
import { grouped } from "../table.ts";
import { evaluationTable } from "./eval.ts";
import { liveTable } from "./run.ts";

interface StartOptions extends CommonOptions {
  readonly budget?: number;
  readonly episodes: number;
  readonly out: string;
  readonly overwrite?: boolean;
}

const examples = `
Examples:
  advect start                                about 5 minutes, into runs/start
  advect start --budget 60s --out runs/minute
  ADVECT_BUDGET=small advect start            seconds: everything runs, and nothing is trained well

Called again it goes on where it was stopped; a run that is there keeps its steps, whatever the budget.`;

/** What a fresh clone does first. */
const budgets = { full: 300, small: 20 } as const;

/** advect start, and npm start: from demonstrations to a robot task in real time. */
export function startCommand(context: Context): Command {
  const command = new Command("start")
    .description("train a robot policy on demonstrations, play it, drive it in real time, and report")
    .option("--budget <time>", "how long it may take, such as 60s or 5m (default: 5m)", duration)
    .option("--episodes <n>", "that are played", whole(1), 20)
    .option("--out <folder>", "where all of it goes", "runs/start")
    .option("--overwrite", "begin anew where a run is already")
    .addHelpText("after", examples);
  return answering(command, context, (options: StartOptions) => start(options, context));
}

async function start(options: StartOptions, context: Context): Promise<Answer> {
  const { pushtMainJob } = await import("../../app/pusht/index.ts");
  const small = context.environment.ADVECT_BUDGET === "small";
  if (options.overwrite) rmSync(options.out, { recursive: true, force: true });
  const { recipe } = await findRecipe("pusht-quick", { recipes: context.recipes, set: [] });
  using interruption = context.interruption();
  using line = progressLine(context);
  const result = await pushtMainJob({
    recipe: recipe as CompletePolicy,
    folder: options.out,
    seconds: options.budget ?? budgets[small ? "small" : "full"],
    episodes: options.episodes,
    clock: context.clock,
    signal: interruption.signal,
    say: (text) => context.stderr.write(`${text}\n`),
    training: { to: context.stderr },
    evaluating: ({ done, total, meanMaxReward }) =>
      line.show(`${done} of ${total} episodes  score ${meanMaxReward.toFixed(3)}`),
    playing: ({ step, reward }) => line.show(`step ${step}  reward ${reward.toFixed(3)}`),
  }).catch((error) => {
    if (!interruption.signal.aborted) throw error;
    return undefined;
  });
  if (!result?.evaluation) return stopped(options.out);
  return { json: result, text: textOf(result) };
}

function stopped(folder: string): Answer {
  return { json: { interrupted: true, folder }, text: "Stopped. The same command goes on.", exitCode: 130 };
}

function textOf({ training, evaluation, live, files }: MainJobResult): string {
  const { parameterCount, step, seconds } = training;
  return [
    `Trained ${grouped(parameterCount)} parameters for ${grouped(step)} steps in ${seconds.toFixed(0)} s.`,
    "",
    evaluationTable(evaluation!),
    "",
    "In real time:",
    liveTable(live!),
    "",
    "Look at:",
    ...files.map((file) => `  ${file}`),
  ].join("\n");
}
