import type { Key } from "../../engine/random/index.ts";
import type { Policy } from "../policy/policy.ts";
import type { Episode } from "./episode.ts";
import { lane } from "./lane.ts";
import type { Task } from "./task.ts";

export interface RolloutOptions {
  readonly policy: Policy;
  readonly task: Task;
  /** Of the episodes, which run at the same time. */
  readonly seeds: readonly number[];
  /** Of the policy's noise: chunk c of the episode of a seed gets `key.fold(seed).fold(c)`. */
  readonly key: Key;
  /** Steps of a chunk that are executed; the policy's unless given. */
  readonly executeSteps?: number;
  /** The task's unless given. */
  readonly maxSteps?: number;
  readonly signal?: AbortSignal;
}

/**
 * Episodes in lockstep: all those that are not over get their next chunk from one call of `predictMany`, then play it.
 * In the order of the seeds. Rejects with the signal's reason, and with what the policy throws.
 */
export async function rollouts({
  policy,
  task,
  seeds,
  key,
  executeSteps = policy.spec.executeSteps,
  maxSteps,
  signal,
}: RolloutOptions): Promise<Episode[]> {
  const lanes = seeds.map((seed) => lane({ task, spec: policy.spec, seed, executeSteps, maxSteps }));
  let running = lanes;
  for (let chunk = 0; running.length > 0; chunk++) {
    signal?.throwIfAborted();
    const chunks = await policy.predictMany(
      running.map(({ seed, observation }) => ({
        observation,
        key: key.fold(seed).fold(chunk),
        ...(signal && { signal }),
      })),
    );
    running.forEach((one, i) => {
      one.play(chunks[i]!);
    });
    running = running.filter(({ done }) => !done);
  }
  return lanes.map(({ episode }) => episode());
}
