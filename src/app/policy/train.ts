import { systemClock } from "../../engine/clock.ts";
import { type Key, key } from "../../engine/random/index.ts";
import {
  chunkRows,
  type PolicyDesign,
  type PolicyTraining,
  policyTraining,
  scalingsFor,
} from "../../robot/index.ts";
import { platformFiles } from "../../train/files.ts";
import { type FitResult, fit, type Rate } from "../../train/index.ts";
import { couplingSpec } from "../build/coupling.ts";
import { optimization } from "../build/optimizer.ts";
import { stepsWithin } from "../run/budget.ts";
import { sameTask } from "../run/change.ts";
import { beginRun, isRun, runFolder, saveRecipe } from "../run/folder.ts";
import type { TrainRequest, TrainResult } from "../run/train.ts";
import { policyRecipeOfRun } from "./folder.ts";
import type { CompletePolicy } from "./recipe.ts";
import { type PolicyTask, policyTask } from "./task.ts";

export interface TrainPolicyRequest extends Omit<TrainRequest, "recipe"> {
  readonly recipe: CompletePolicy;
}

export interface TrainPolicyResult extends Omit<TrainResult, "recipe"> {
  readonly recipe: CompletePolicy;
}

/**
 * `trainRecipe` for policies: the folder of the run is one that `loadPolicy` opens. Where the recipe asks for a baseline,
 * a regression is trained beside it, in baseline/. Throws as `trainRecipe` does.
 */
export async function trainPolicyRecipe(request: TrainPolicyRequest): Promise<TrainPolicyResult> {
  const { folder, files = platformFiles, resume = false } = request;
  const going = resume && (await isRun(folder, files));
  if (going) sameTask(request.recipe, await policyRecipeOfRun(folder, { files }), folder);
  const task = await policyTask(request.recipe);
  using prepared = await prepare(request, { task, design: task.design });
  const recipe = await withSteps(request, prepared);
  if (going) await saveRecipe(folder, recipe, files);
  else await beginRun(folder, recipe, files);
  const steps = recipe.training.steps!;
  const result = await fitted({ ...request, recipe }, { prepared, path: folder, steps });
  if (recipe.baseline && result.reason === "steps")
    await trainBaseline({ ...request, recipe }, { task, steps });
  const { device, threads, parameterCount } = prepared.training.trainer;
  return {
    folder,
    recipe,
    reason: result.reason,
    step: result.progress.step,
    steps,
    seconds: result.progress.seconds,
    loss: result.progress.metrics.loss ?? null,
    validation: result.progress.metrics.validation ?? null,
    ...{ parameterCount, device, threads },
    checkpoint: result.checkpoint!,
  };
}

interface Prepared extends Disposable {
  readonly training: PolicyTraining;
  readonly validation: PolicyTraining["batches"] | undefined;
  schedule(steps: number): void;
}

interface PrepareRequest {
  readonly task: PolicyTask;
  readonly design: PolicyDesign;
}

async function prepare(
  { recipe, device, threads }: TrainPolicyRequest,
  { task, design }: PrepareRequest,
): Promise<Prepared> {
  const scalings = scalingsFor(task.train, design, task.choices);
  const { maskPadding, observationNoise, dropLastSteps } = recipe;
  const integrates = design.method.kind === "flow" || design.method.kind === "diffusion";
  let rate: Rate = () => 0;
  const training = await policyTraining({
    ...optimization(recipe.training, 1),
    ...{ design, scalings, maskPadding, observationNoise },
    batchSize: recipe.training.batch,
    rows: chunkRows(task.train, { design, scalings, dropLastSteps }),
    key: key(recipe.seed).fold("model"),
    learningRate: (step) => rate(step),
    ...(integrates && { coupling: couplingSpec(recipe.coupling) }),
    ...(device && { device }),
    ...(threads !== undefined && { threads }),
  });
  const { heldOut } = task;
  return {
    training,
    validation: heldOut && training.feed(chunkRows(heldOut, { design, scalings })),
    schedule: (steps) => {
      rate = optimization(recipe.training, steps).learningRate;
    },
    [Symbol.dispose]: () => training[Symbol.dispose](),
  };
}

const runKey = ({ seed }: CompletePolicy): Key => key(seed).fold("run");

/** A recipe with a budget of seconds gets the steps that take so long. */
async function withSteps(
  { recipe, clock = systemClock }: TrainPolicyRequest,
  { training }: Prepared,
): Promise<CompletePolicy> {
  const { seconds, ...words } = recipe.training;
  if (seconds === undefined) return recipe;
  const trial = { seconds: recipe.baseline ? seconds / 2 : seconds, key: runKey(recipe), clock };
  return { ...recipe, training: { ...words, steps: await stepsWithin(training, trial) } };
}

interface Stage {
  readonly prepared: Prepared;
  readonly path: string;
  readonly steps: number;
}

async function fitted(request: TrainPolicyRequest, { prepared, path, steps }: Stage): Promise<FitResult> {
  const { recipe, files = platformFiles, signal, progress, clock, warn } = request;
  const { training } = recipe;
  const { part: _, batches: count, ...validate } = training.validation ?? { part: 0, batches: 1, every: 1 };
  const { trainer, batches, config, stats } = prepared.training;
  const paths = runFolder(path);
  prepared.schedule(steps);
  return fit({
    ...{ trainer, batches, steps, files },
    key: runKey(recipe),
    ...(prepared.validation && { validate: { ...validate, batches: prepared.validation, count } }),
    checkpoint: {
      folder: paths.checkpoints,
      every: training.checkpoint.every,
      keep: training.checkpoint.keep,
      config: { ...config, recipe },
      stats,
    },
    log: { path: paths.log, every: training.log.every },
    ...(signal && { signal }),
    ...(progress && { progress }),
    ...(clock && { clock }),
    ...(warn && { warn }),
  });
}

/** The same network on the same data for as many steps, by regression. */
async function trainBaseline(
  request: TrainPolicyRequest,
  { task, steps }: { readonly task: PolicyTask; readonly steps: number },
): Promise<void> {
  const design: PolicyDesign = { ...task.design, method: { kind: "regression" } };
  using prepared = await prepare(request, { task, design });
  await fitted(request, { prepared, path: baselineFolder(request.folder), steps });
}

export const baselineFolder = (folder: string): string => `${folder}/baseline`;
