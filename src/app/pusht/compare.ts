import { type Clock, systemClock } from "../../engine/clock.ts";
import { AdvectError } from "../../engine/error.ts";
import { meanOf } from "../../metrics/index.ts";
import { type Episode, type Evaluation, evaluate, type TaskName } from "../../robot/index.ts";
import type { ProgressOptions } from "../../train/index.ts";
import { type CompletePolicy, policyRecipeOfRun, trainPolicyRecipe } from "../policy/index.ts";
import { isRun } from "../run/folder.ts";
import {
  type ComparedMethod,
  type ComparedSampler,
  type PolicyMethodName,
  policyMethodNames,
  policyMethods,
} from "./methods.ts";
import { type NoiseResponse, noiseResponse } from "./noise-response.ts";

export interface ComparePoliciesOptions {
  readonly task: TaskName;
  /** Data, network and training of all methods. */
  readonly recipe: CompletePolicy;
  /** Where each method has a run of its own; those that are there go on. */
  readonly folder: string;
  /** All unless given. */
  readonly methods?: readonly PolicyMethodName[];
  /** Optimiser steps of each; or seconds of the first, by which all get the same steps. The recipe's steps unless given. */
  readonly training?: { readonly steps: number } | { readonly seconds: number };
  /** Of the episodes, the same for all. */
  readonly seeds: readonly number[];
  readonly noiseSeed?: number;
  readonly executeSteps?: number;
  readonly maxSteps?: number;
  readonly latencyCount?: number;
  readonly workers?: number;
  readonly say?: (text: string) => void;
  readonly progress?: ProgressOptions;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** One sampler of one method. */
export interface PolicyRow {
  readonly method: PolicyMethodName;
  readonly sampler: string;
  readonly evaluation: Evaluation;
  readonly noise: NoiseResponse;
  /** Of the largest rewards of the same episodes: this sampler's less the first row's. */
  readonly paired: { readonly difference: number; readonly stdErr: number };
  readonly episodes: readonly Episode[];
}

export interface PolicyComparison {
  readonly task: TaskName;
  readonly recipe: string;
  readonly model: string;
  readonly steps: number;
  readonly trainings: readonly {
    readonly method: PolicyMethodName;
    readonly seconds: number;
    readonly folder: string;
  }[];
  readonly rows: readonly PolicyRow[];
}

/** The recipe with the words of a method, for so many steps. */
function recipeFor(recipe: CompletePolicy, { words }: ComparedMethod, training: object): CompletePolicy {
  const { steps: _, seconds: __, ...rest } = recipe.training;
  const { coupling = { kind: "independent" } as const, method } = words;
  return { ...recipe, method, coupling, baseline: false, training: { ...rest, ...training } };
}

/**
 * Methods beside each other on a task: the same network, data and optimiser steps, the same episodes and noise. Called
 * again with a folder it goes on. Throws "option", and as `trainPolicyRecipe` and `evaluate`; rejects with the signal's
 * reason.
 */
export async function comparePolicies(options: ComparePoliciesOptions): Promise<PolicyComparison> {
  const { recipe, folder, task, say = () => {}, methods = policyMethodNames } = options;
  if (methods.length === 0) {
    throw new AdvectError("option", "comparePolicies", { expected: "a method at least", got: "none" });
  }
  const rows: PolicyRow[] = [];
  const trainings: PolicyComparison["trainings"][number][] = [];
  let training: object = options.training ?? { steps: recipe.training.steps };
  for (const method of methods) {
    const compared: ComparedMethod = policyMethods[method];
    const run = `${folder}/${method}`;
    say(`${method}: ${compared.about}`);
    const { steps, seconds, reason } = await trained(options, run, recipeFor(recipe, compared, training));
    if (reason === "aborted") throw options.signal?.reason;
    training = { steps };
    trainings.push({ method, seconds, folder: run });
    for (const sampler of compared.samplers) {
      const first = rows[0]?.episodes;
      rows.push(await rowOf(options, { method, run, sampler, against: first }));
      say(`  ${sampler.name}: score ${rows.at(-1)!.evaluation.meanMaxReward.toFixed(3)}`);
    }
  }
  const { steps } = training as { readonly steps: number };
  return { task, recipe: recipe.name, model: recipe.model.kind, steps, trainings, rows };
}

async function trained(options: ComparePoliciesOptions, folder: string, recipe: CompletePolicy) {
  const { progress, clock, signal } = options;
  const going = await isRun(folder);
  return trainPolicyRecipe({
    recipe: going && recipe.training.seconds !== undefined ? await policyRecipeOfRun(folder) : recipe,
    folder,
    resume: going,
    threads: 1,
    ...(progress && { progress }),
    ...(clock && { clock }),
    ...(signal && { signal }),
  });
}

interface Sampled {
  readonly method: PolicyMethodName;
  readonly sampler: ComparedSampler;
  readonly run: string;
  readonly against: readonly Episode[] | undefined;
}

async function rowOf(
  { task, seeds, noiseSeed = 0, clock = systemClock, ...options }: ComparePoliciesOptions,
  { method, sampler, run, against }: Sampled,
): Promise<PolicyRow> {
  const policy = { folder: run, method: sampler.method };
  const { executeSteps, maxSteps, latencyCount, workers, signal } = options;
  const { evaluation, episodes } = await evaluate({
    task,
    policy,
    seeds,
    noiseSeed,
    clock,
    ...(executeSteps !== undefined && { executeSteps }),
    ...(maxSteps !== undefined && { maxSteps }),
    ...(latencyCount !== undefined && { latencyCount }),
    ...(workers !== undefined && { workers }),
    ...(signal && { signal }),
  });
  const noise = await noiseResponse({ policy, task, seeds: seeds.slice(0, 10) });
  return {
    method,
    sampler: sampler.name,
    evaluation,
    noise,
    paired: pairedDifference(episodes, against ?? episodes),
    episodes,
  };
}

function pairedDifference(episodes: readonly Episode[], against: readonly Episode[]) {
  const differences = episodes.map(({ maxReward }, i) => maxReward - against[i]!.maxReward);
  const { value, stdError } = meanOf(differences);
  return { difference: value, stdErr: Number.isNaN(stdError) ? 0 : stdError };
}
