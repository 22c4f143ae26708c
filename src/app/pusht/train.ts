import { type Episodes, pushtDemonstrations } from "../../data/index.ts";
import { type Clock, systemClock } from "../../engine/clock.ts";
import { AdvectError } from "../../engine/error.ts";
import { key } from "../../engine/random/index.ts";
import type { CouplingSpec } from "../../flow/index.ts";
import {
  type Backbone,
  chunkRows,
  type Method,
  type PolicyDesign,
  type PolicyTraining,
  policyTraining,
  pushtAgent,
  pushtEpisodes,
  pushtSpec,
  scalingsFor,
} from "../../robot/index.ts";
import { platformFiles } from "../../train/files.ts";
import {
  cosineRate,
  type FitResult,
  fit,
  type ProgressOptions,
  warmupDecay,
  withWarmup,
} from "../../train/index.ts";
import { stepsWithin } from "../run/budget.ts";

/** What to train, as plain data: the same words give the same policy. */
export interface PushtPlan {
  readonly backbone: Backbone;
  readonly method: Method;
  /** Actions are counted from the agent, in units of so many pixels; absolute unless given. */
  readonly relativePixels?: number;
  /** Adds the mirror image of every demonstration. */
  readonly mirror: boolean;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly coupling?: CouplingSpec;
  readonly seed: number;
}

/** Trains well in few minutes: a perceptron that is told where to go from where the agent is. */
export const quickPlan: PushtPlan = {
  backbone: { kind: "residualMlp", hidden: 256, depth: 4, expansion: 2, conditioning: "add" },
  method: { kind: "flow", steps: 5 },
  relativePixels: 40,
  mirror: true,
  batchSize: 256,
  learningRate: 1e-3,
  seed: 0,
};

export interface TrainPushtRequest {
  readonly plan: PushtPlan;
  /** Where checkpoints and log.jsonl go; a run that is there goes on. */
  readonly folder: string;
  /** So many optimiser steps, or as many as take so many seconds here. */
  readonly budget: { readonly steps: number } | { readonly seconds: number };
  readonly threads?: number;
  readonly progress?: ProgressOptions;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export interface TrainPushtResult {
  readonly reason: FitResult["reason"];
  readonly step: number;
  readonly steps: number;
  /** Of training, those of interrupted calls included. */
  readonly seconds: number;
  readonly loss: number | null;
  readonly parameterCount: number;
  readonly windows: number;
}

/** The demonstrations as a plan wants them, with the mirror image or without. */
export async function plannedEpisodes({ mirror }: Pick<PushtPlan, "mirror">): Promise<Episodes> {
  return pushtEpisodes(await pushtDemonstrations(), { mirror });
}

/** The policy that a plan asks for, before it has learned. */
export function designOf({ backbone, method, relativePixels }: PushtPlan): PolicyDesign {
  const relative = relativePixels === undefined ? {} : { relativeTo: pushtAgent };
  return { spec: pushtSpec(), backbone, method, ...relative };
}

const middle = { shift: 256, scale: 256 };
const warmUpSteps = 300;
const checkpointEvery = 1000;

/**
 * Trains a policy on the demonstrations of PushT: AdamW with warm-up and cosine, a moving average of the weights. Called
 * again it goes on where it stopped. Throws "option" where the folder holds a run of another plan or budget, "io".
 */
export async function trainPusht(request: TrainPushtRequest): Promise<TrainPushtResult> {
  const { plan, folder, clock = systemClock, progress, signal } = request;
  const set = await plannedEpisodes(plan);
  const design = designOf(plan);
  const { observation } = design.spec;
  const scalings = scalingsFor(set, design, {
    observation: Object.fromEntries(Object.keys(observation).map((name) => [name, middle])),
    action: plan.relativePixels === undefined ? middle : { shift: 0, scale: plan.relativePixels },
  });
  const rows = chunkRows(set, { design, scalings });
  let rate: (step: number) => number = () => plan.learningRate;
  const root = key(plan.seed).fold("pusht");
  using training = await policyTraining({
    design,
    scalings,
    rows,
    batchSize: plan.batchSize,
    key: root.fold("init"),
    learningRate: (step) => rate(step),
    optimizer: { weightDecay: 1e-4 },
    clipNorm: 1,
    ema: warmupDecay(0.999),
    ...(plan.coupling && { coupling: plan.coupling }),
    ...(request.threads !== undefined && { threads: request.threads }),
  });
  const steps = await stepsOf(request, training);
  rate = rateOf(plan, steps);
  const { reason, progress: reached } = await fit({
    ...training,
    key: root.fold("run"),
    steps,
    checkpoint: {
      folder: `${folder}/checkpoints`,
      every: checkpointEvery,
      config: training.config,
      stats: training.stats,
    },
    log: { path: `${folder}/log.jsonl`, every: Math.max(1, Math.min(50, Math.floor(steps / 20))) },
    clock,
    ...(progress && { progress }),
    ...(signal && { signal }),
  });
  const { parameterCount } = training.trainer;
  const { step, seconds, metrics } = reached;
  return {
    reason,
    step,
    steps,
    seconds,
    loss: metrics.loss ?? null,
    parameterCount,
    windows: rows.x1.shape[0]!,
  };
}

/** Warm-up, then a cosine down to a hundredth. */
function rateOf({ learningRate }: PushtPlan, steps: number): (step: number) => number {
  const rising = Math.min(warmUpSteps, Math.floor(steps / 10));
  const falling = cosineRate({ from: learningRate, to: learningRate / 100, steps: steps - rising });
  return rising === 0 ? falling : withWarmup(falling, { steps: rising });
}

/** Those that plan.json says, where training was begun; decided and written there where it was not. */
async function stepsOf(
  { plan, folder, budget, clock = systemClock }: TrainPushtRequest,
  { trainer, batches }: PolicyTraining,
): Promise<number> {
  const path = `${folder}/plan.json`;
  const wanted = JSON.stringify({ plan, budget });
  if ((await platformFiles.listFolder(folder)).includes("plan.json")) {
    const { steps, ...there } = JSON.parse(new TextDecoder().decode(await platformFiles.readFile(path)));
    if (JSON.stringify(there) === wanted) return steps;
    throw new AdvectError("option", "trainPusht", {
      expected: `the run of this plan and budget in ${folder}`,
      got: JSON.stringify(there),
      fix: "Choose another folder, or remove this one.",
    });
  }
  const trial = { key: key(plan.seed).fold("trial"), clock };
  const steps =
    "steps" in budget
      ? budget.steps
      : await stepsWithin({ trainer, batches }, { ...trial, seconds: budget.seconds });
  const bytes = new TextEncoder().encode(`${JSON.stringify({ plan, budget, steps }, null, 2)}\n`);
  const fresh = (await platformFiles.listFolder(folder)).length === 0;
  if (fresh) await platformFiles.writeFolderAtomic(folder, { "plan.json": bytes });
  else await platformFiles.writeFileAtomic(path, bytes);
  return steps;
}
