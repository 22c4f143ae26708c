import { type Clock, systemClock } from "../../engine/clock.ts";
import { AdvectError } from "../../engine/error.ts";
import { writeFileAtomic } from "../../engine/platform/index.ts";
import { key } from "../../engine/random/index.ts";
import type { Policy } from "../policy/policy.ts";
import type { Episode } from "./episode.ts";
import { measureLatency } from "./latency.ts";
import { type EvaluationProgress, play } from "./play.ts";
import { episodeRecord } from "./record.ts";
import { localRunner, type Runner, workerRunner } from "./runner.ts";
import { loadSource, type PolicySource } from "./source.ts";
import { type Evaluation, summarize } from "./summary.ts";
import { type TaskName, taskOf } from "./task.ts";

export interface EvaluateOptions {
  readonly task: TaskName;
  /** A policy, which plays in this thread and stays the caller's; or where it is, which workers can be told. */
  readonly policy: Policy | PolicySource;
  /** One episode each. */
  readonly seeds: readonly number[];
  /** Decides the policy's noise; 0 unless given. */
  readonly noiseSeed?: number;
  /** Steps of a chunk that are executed; the policy's unless given. */
  readonly executeSteps?: number;
  /** The task's unless given. */
  readonly maxSteps?: number;
  /** Threads that play; none, but this one, unless given. Only for policies that are told by where they are. */
  readonly workers?: number;
  /** Episodes that run in lockstep, 10 unless given. */
  readonly groupSize?: number;
  /** Predictions of which the time is taken, 100 unless given; 0 for none. */
  readonly latencyCount?: number;
  /** Where episodes are kept, and those of an interrupted evaluation are found. Nothing is written unless given. */
  readonly folder?: string;
  /** Tells policies of one name apart in that folder: a checksum, or a step. */
  readonly version?: string;
  readonly progress?: (state: EvaluationProgress) => void;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

export interface EvaluationResult {
  readonly evaluation: Evaluation;
  readonly episodes: readonly Episode[];
}

/**
 * Plays an episode from every seed and says what they came to. The same for any number of workers, bit for bit: groups
 * of `groupSize` seeds run in lockstep, and noise belongs to seed and chunk. Other sizes of groups differ by the
 * rounding of larger and smaller products of matrices. Throws "option"; rejects with the signal's reason, after which
 * the same call with a folder goes on.
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluationResult> {
  const { seeds, workers = 0, policy: given, signal } = options;
  check(options);
  if ("predict" in given) return played(options, given, localRunner(given, signal));
  const policy = await loadSource(given);
  try {
    using runner =
      workers > 0
        ? workerRunner(given, Math.min(workers, seeds.length), signal)
        : localRunner(policy, signal);
    return await played(options, policy, runner);
  } finally {
    policy[Symbol.dispose]();
  }
}

async function played(options: EvaluateOptions, policy: Policy, runner: Runner): Promise<EvaluationResult> {
  const { task, seeds, noiseSeed = 0, folder, signal, clock = systemClock, latencyCount = 100 } = options;
  const { name } = policy.spec;
  const executeSteps = options.executeSteps ?? policy.spec.executeSteps;
  const noise = key(noiseSeed).fold("evaluate");
  const settings = {
    task,
    policy: name,
    version: options.version ?? null,
    noiseSeed,
    executeSteps,
    maxSteps: options.maxSteps ?? null,
  };
  const record = folder === undefined ? undefined : await episodeRecord(folder, settings);
  const episodes = await play({ ...options, executeSteps, noise, record, runner, clock });
  const latency =
    latencyCount === 0
      ? null
      : await measureLatency({
          policy,
          task: taskOf(task),
          seed: seeds[0]!,
          key: noise.fold("latency"),
          clock,
          count: latencyCount,
          ...(signal && { signal }),
        });
  const evaluation: Evaluation = {
    policy: name,
    task,
    ...summarize(episodes),
    noiseSeed,
    executeSteps,
    latencyMs: latency?.latencyMs ?? null,
    deadlineMisses: latency?.deadlineMisses ?? null,
  };
  if (folder !== undefined) {
    const text = `${JSON.stringify(evaluation, null, 2)}\n`;
    await writeFileAtomic(`${folder}/evaluation.json`, new TextEncoder().encode(text));
  }
  return { evaluation, episodes };
}

function check({ policy, seeds, workers = 0, groupSize = 10 }: EvaluateOptions): void {
  const isCount = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;
  const fail = (expected: string, got: unknown) => {
    throw new AdvectError("option", "evaluate", { expected, got });
  };
  if (seeds.length === 0 || new Set(seeds).size < seeds.length) fail("at least one seed, each once", seeds);
  if (!seeds.every((seed) => isCount(seed, 0))) fail("seeds that are integers >= 0", seeds);
  if (!isCount(workers, 0) || !isCount(groupSize, 1)) {
    fail("workers >= 0 and groupSize >= 1", `workers ${workers}, groupSize ${groupSize}`);
  }
  if (workers > 0 && "predict" in policy) fail("a policy by where it is, for workers", "a policy");
}
