import { type Clock, systemClock } from "../../engine/clock.ts";
import type { Files } from "../../engine/platform/index.ts";
import { type Key, key } from "../../engine/random/index.ts";
import type { RunOptions } from "../../engine/runtime/index.ts";
import { platformFiles } from "../../train/files.ts";
import { type Batches, type FitResult, fit, type ProgressOptions } from "../../train/index.ts";
import type { StepArguments } from "../build/batches.ts";
import { kinds } from "../kinds.ts";
import type { CompleteRecipe } from "../recipe/index.ts";
import { stepsWithin } from "./budget.ts";
import { sameTask } from "./change.ts";
import { configOf } from "./config.ts";
import { beginRun, isRun, recipeOfRun, runFolder, saveRecipe } from "./folder.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { roundBatches } from "./reflow.ts";
import { checkSteps } from "./steps.ts";

export interface TrainRequest extends RunOptions {
  readonly recipe: CompleteRecipe;
  /** Where the run goes: recipe.yaml, log.jsonl, checkpoints/ … */
  readonly folder: string;
  /** Goes on with the run in the folder, with the recipe's training; "option" if the rest is another, or it has fewer steps. */
  readonly resume?: boolean;
  /** When it aborts, the step is finished and a checkpoint saved. */
  readonly signal?: AbortSignal;
  /** Where a line about loss, speed and time left goes. */
  readonly progress?: ProgressOptions;
  readonly clock?: Clock;
  readonly files?: Files;
  readonly warn?: (message: string) => void;
}

export interface TrainResult {
  readonly folder: string;
  readonly recipe: CompleteRecipe;
  readonly reason: FitResult["reason"];
  readonly step: number;
  readonly steps: number;
  readonly seconds: number;
  readonly loss: number | null;
  readonly validation: number | null;
  readonly parameterCount: number;
  readonly device: string;
  readonly threads: number;
  readonly checkpoint: string;
}

/**
 * Trains what a recipe says, in a folder of its own; called again with `resume` it goes on where it stopped, bit for
 * bit. Throws "option" for words that do not fit the data and for a folder that is not free, "io", "format", "shape" and
 * "numerical" for data that cannot be read or learned; all of that before the first step, and without touching the
 * folder.
 */
export async function trainRecipe(request: TrainRequest): Promise<TrainResult> {
  const { folder, files = platformFiles, resume = false } = request;
  const going = resume && (await isRun(folder, files));
  if (going) sameTask(request.recipe, await recipeOfRun(folder, { files }), folder);
  const data = await kinds[request.recipe.kind].load(request.recipe);
  const { device, threads } = request;
  using prepared = await prepare(request.recipe, data, {
    ...(device && { device }),
    ...(threads !== undefined && { threads }),
  });
  const recipe = await withSteps(request, prepared);
  if (going) {
    await checkSteps({ recipe, folder, files, rounds: roundsOf(recipe), warn: request.warn });
    await saveRecipe(folder, recipe, files);
  } else await beginRun(folder, recipe, files);
  return await trained({ ...request, recipe }, prepared); // before `using` ends
}

/** A recipe with a budget of seconds gets the steps that take so long. */
async function withSteps(
  { recipe, clock = systemClock }: TrainRequest,
  prepared: Prepared,
): Promise<CompleteRecipe> {
  const { seconds, ...training } = recipe.training;
  if (seconds === undefined) return recipe;
  const rounds = roundsOf(recipe);
  const trial = { seconds: seconds / rounds, key: runKey(recipe), clock };
  return {
    ...recipe,
    training: {
      ...training,
      steps: await stepsWithin({ trainer: prepared.trainer, batches: prepared.feeding.train }, trial),
    },
  };
}

const runKey = ({ seed }: CompleteRecipe): Key => key(seed).fold("run");

/** How often a recipe trains: reflow does so again on the pairs of its own flow. */
function roundsOf({ method }: CompleteRecipe): number {
  return method.kind === "reflow" ? (method.rounds ?? 2) : 1;
}

async function trained(request: TrainRequest, prepared: Prepared): Promise<TrainResult> {
  const { recipe, folder } = request;
  const steps = recipe.training.steps!;
  const rounds = roundsOf(recipe);
  prepared.schedule(steps);
  let result = await fitted(request, prepared, { batches: prepared.feeding.train, round: 0, steps });
  for (let round = 1; round < rounds && result.reason === "steps"; round++) {
    const batches = await laterBatches(request, prepared, round);
    result = batches
      ? await fitted(request, prepared, { batches, round, steps: steps * (round + 1) })
      : { ...result, reason: "aborted" };
  }
  const { reason, progress, checkpoint } = result;
  const { device, threads, parameterCount } = prepared.trainer;
  return {
    folder,
    recipe,
    reason,
    step: progress.step,
    steps: steps * rounds,
    seconds: progress.seconds,
    loss: progress.metrics.loss ?? null,
    validation: progress.metrics.validation ?? null,
    parameterCount,
    device,
    threads,
    checkpoint: checkpoint!,
  };
}

/** Undefined when the signal aborts while pairs are made. */
function laterBatches(request: TrainRequest, { plan, data, trainer }: Prepared, round: number) {
  const { recipe, folder, files = platformFiles, signal, progress, clock } = request;
  const own = runKey(recipe);
  return roundBatches({
    recipe,
    plan,
    data,
    trainer,
    files,
    folder,
    round,
    key: own,
    signal,
    progress,
    clock,
  });
}

interface Stage {
  readonly batches: Batches<StepArguments>;
  readonly round: number;
  /** Of all rounds until its end. */
  readonly steps: number;
}

async function fitted(
  request: TrainRequest,
  prepared: Prepared,
  { batches, round, steps }: Stage,
): Promise<FitResult> {
  const { recipe, folder, files = platformFiles, signal, progress, clock, warn } = request;
  const { training } = recipe;
  const { trainer, feeding, data } = prepared;
  const { part: _, batches: count, ...validate } = training.validation ?? { part: 0, batches: 1, every: 1 };
  const own = runKey(recipe);
  const paths = runFolder(folder);
  return fit({
    trainer,
    batches,
    key: own,
    steps,
    ...(training.validation &&
      round === 0 && { validate: { ...validate, batches: feeding.validation, count } }),
    checkpoint: {
      folder: paths.checkpoints,
      every: training.checkpoint.every,
      keep: training.checkpoint.keep,
      config: configOf(recipe, data),
      stats: data.units.stats,
    },
    log: { path: paths.log, every: training.log.every },
    files,
    ...(signal && { signal }),
    ...(progress && { progress }),
    ...(clock && { clock }),
    ...(warn && { warn }),
  });
}
