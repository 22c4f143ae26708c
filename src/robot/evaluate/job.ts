import { restoreKey } from "../../engine/random/index.ts";
import type { Policy } from "../policy/policy.ts";
import type { Episode } from "./episode.ts";
import { rollouts } from "./rollouts.ts";
import type { PolicySource } from "./source.ts";
import { type TaskName, taskOf } from "./task.ts";

/** Episodes that run in lockstep, with nothing in it that a worker could not be sent. */
export interface RolloutJob {
  readonly task: TaskName;
  readonly seeds: readonly number[];
  /** `key.words`. */
  readonly keyWords: readonly number[];
  readonly executeSteps: number;
  readonly maxSteps?: number;
}

export interface WorkerRequest {
  readonly source: PolicySource;
  readonly job: RolloutJob;
}

/** What `rollouts` returns for the same seeds and key. */
export function runJob(
  policy: Policy,
  { task, keyWords, ...options }: RolloutJob,
  signal?: AbortSignal,
): Promise<Episode[]> {
  return rollouts({
    ...options,
    policy,
    task: taskOf(task),
    key: restoreKey(keyWords),
    ...(signal && { signal }),
  });
}
