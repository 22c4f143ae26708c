import { rmSync } from "node:fs";
import { Command } from "commander";
import type { RunReport, TrainPolicyResult, TrainResult } from "../../app/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { type Answer, answering, type CommonOptions } from "../answer.ts";
import type { Context } from "../context.ts";
import { collected, duration, type RunFlags, runOptions, whole, withRunFlags } from "../options.ts";
import { findRecipe } from "../recipes.ts";
import { grouped } from "../table.ts";
import { policySummary } from "./train-policy.ts";

interface TrainOptions extends CommonOptions, RunFlags {
  readonly set: readonly string[];
  readonly out?: string;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
  readonly budget?: number;
  readonly seed?: number;
  readonly data?: string;
  readonly obs?: readonly string[];
  readonly action?: string;
}

const examples = `
Examples:
  advect train two-moons                      trains a recipe that comes with advect, into runs/two-moons
  advect train two-moons --set method=meanFlow --out runs/one-step
  advect train my-recipe.yaml --set training.steps=500 --set model.hidden=64
  advect train checkerboard --budget 60s      as many steps as take a minute on this machine
  advect train runs/two-moons --resume        goes on where it was stopped
  advect train pusht-quick                    a robot policy from human demonstrations, in minutes
  advect train policy --data recordings/my-robot --obs observation.state   from your own

The folder of a run holds recipe.yaml (all words of the recipe), log.jsonl (readable while it trains), checkpoints/,
samples.npz, figures/ and report.json. Ctrl-C saves a checkpoint; a second one leaves at once, without it.

--budget takes a few steps, times them, and writes into recipe.yaml how many fit; figures and report come on top. From
then on the run has that many steps: --resume takes no --budget.`;

/** advect train: from a recipe to a run. */
export function trainCommand(context: Context): Command {
  const command = withRunFlags(
    new Command("train")
      .description("train what a recipe describes")
      .argument("<recipe>", "a name (advect recipes lists them), a YAML file, or the folder of a run")
      .option("--set <key=value>", "a value in the place of the recipe's own; again for more", collected, [])
      .option("--out <folder>", "where the run goes (default: runs/<name of the recipe>)")
      .option("--resume", "go on with the run in that folder")
      .option("--overwrite", "replace the run in that folder")
      .option("--budget <time>", "train for about 60s, 5m or 1h in place of the recipe's steps", duration)
      .option("--seed <n>", "of everything that is drawn (default: the recipe's)", whole(0))
      .option("--data <folder>", "of policies: recorded episodes (LeRobot, zarr or npz)")
      .option("--obs <feature>", "of policies: what is observed; again for more", collected)
      .option("--action <feature>", "of policies: what is commanded (default: action)"),
  ).addHelpText("after", examples);
  return answering(command, context, (options: TrainOptions, recipe: string) =>
    train(recipe, options, context),
  );
}

async function train(name: string, options: TrainOptions, context: Context): Promise<Answer> {
  checkFlags(options);
  const { isRun, trainPolicyRecipe, trainRecipe } = await import("../../app/index.ts");
  const { recipe, run } = await findRecipe(name, { recipes: context.recipes, set: setsOf(options) });
  const folder = options.out ?? run ?? `runs/${recipe.name}`;
  if (options.overwrite && (await isRun(folder))) rmSync(folder, { recursive: true });
  say(context, `${recipe.name}: ${recipe.method.kind} with ${recipe.model.kind}, into ${folder}`);
  using interruption = context.interruption();
  const request = {
    ...runOptions(options),
    folder,
    resume: options.resume ?? false,
    signal: interruption.signal,
    progress: { to: context.stderr },
    clock: context.clock,
    warn: (message: string) => say(context, message),
  };
  if (recipe.kind === "policy") {
    const result = await trainPolicyRecipe({ ...request, recipe });
    return result.reason === "aborted" ? interrupted(result) : finishedPolicy(result, options, context);
  }
  const result = await trainRecipe({ ...request, recipe });
  return result.reason === "aborted" ? interrupted(result) : finished(result, options, context);
}

/** Flags that are short for --set. */
function setsOf({ set, seed, budget, data, obs, action }: TrainOptions): string[] {
  return [
    ...set,
    ...(data === undefined ? [] : [`data.path=${JSON.stringify(data)}`]),
    ...(obs === undefined ? [] : [`data.observation=${JSON.stringify(obs)}`]),
    ...(action === undefined ? [] : [`data.action=${JSON.stringify(action)}`]),
    ...(seed === undefined ? [] : [`seed=${seed}`]),
    ...(budget === undefined ? [] : [`training.seconds=${budget}`]),
  ];
}

function checkFlags({ resume, overwrite, budget }: TrainOptions): void {
  const rival = overwrite ? "--overwrite" : budget === undefined ? undefined : "--budget";
  if (!resume || !rival) return;
  throw new AdvectError("option", "train", {
    expected: `either --resume or ${rival}`,
    got: "both",
    fix: "A run that goes on keeps its steps; change them by --set training.steps=….",
  });
}

const say = ({ stderr }: Context, message: string) => stderr.write(`${message}\n`);

function facts({ recipe, ...result }: TrainResult | TrainPolicyResult) {
  return { name: recipe.name, kind: recipe.kind, ...result };
}

function interrupted(result: TrainResult | TrainPolicyResult): Answer {
  const { folder, step, steps, checkpoint } = result;
  const resume = `advect train ${folder} --resume`;
  return {
    json: { ...facts(result), resume },
    text: `Stopped at step ${step} of ${steps}, saved in ${checkpoint}.\nTo go on: ${resume}`,
    exitCode: 130,
  };
}

async function finished(result: TrainResult, options: TrainOptions, context: Context): Promise<Answer> {
  const { imageSummary, reportRun } = await import("../../app/index.ts");
  const warn = (message: string) => say(context, message);
  const report = await reportRun(result.folder, { ...runOptions(options), warn });
  return {
    json: { ...facts(result), report },
    text: summary(result, report, report.images ? imageSummary(report.images) : []),
  };
}

async function finishedPolicy(
  result: TrainPolicyResult,
  options: TrainOptions,
  context: Context,
): Promise<Answer> {
  const { reportPolicy } = await import("../../app/index.ts");
  const warn = (message: string) => say(context, message);
  const report = await reportPolicy(result, { ...runOptions(options), warn });
  return { json: { ...facts(result), report }, text: policySummary(result, report) };
}

function summary(result: TrainResult, report: RunReport, images: readonly string[]): string {
  const { folder, step, seconds, parameterCount, loss } = result;
  const { wasserstein2: distance } = report.distances ?? {};
  return [
    `Trained ${grouped(parameterCount)} parameters for ${step} steps in ${seconds.toFixed(1)} s; loss ${loss?.toPrecision(4)}.`,
    ...(distance
      ? [
          `Wasserstein-2 distance of samples to the data: ${distance.samples.value.toFixed(3)}; of the data to itself: ${distance.floor.value.toFixed(3)}.`,
        ]
      : []),
    ...images,
    "",
    "Look at:",
    `  ${folder}/figures      ${figureNames(report).join(", ")}`,
    `  ${folder}/samples.npz  ${report.sampling.count} samples, ${report.sampling.nfe} evaluations each (${report.sampling.solver})`,
    `  ${folder}/report.json  the numbers`,
    "",
    `More samples:    advect sample ${folder} --count 10000`,
    `An ONNX sampler: advect export ${folder} --out model.onnx`,
  ].join("\n");
}

/** Pictures in both themes and formats have one name. */
export function figureNames({ figures }: Pick<RunReport, "figures">): string[] {
  return [...new Set(figures.map((file) => file.replace(/(-dark)?\.(svg|png)$/, "")))];
}
