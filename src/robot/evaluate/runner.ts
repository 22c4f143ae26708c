import { Worker, type WorkerCalls, workerCalls } from "../../engine/platform/index.ts";
import type { Policy } from "../policy/policy.ts";
import type { Episode } from "./episode.ts";
import { type RolloutJob, runJob, type WorkerRequest } from "./job.ts";
import type { PolicySource } from "./source.ts";

/** Something that plays groups of episodes, several of them at a time. */
export interface Runner extends Disposable {
  /** Groups that it works on at the same time. */
  readonly count: number;
  /** `lane`: which of them. */
  run(job: RolloutJob, lane: number): Promise<Episode[]>;
}

/** In this thread. The policy stays the caller's. */
export function localRunner(policy: Policy, signal?: AbortSignal): Runner {
  return { count: 1, run: (job) => runJob(policy, job, signal), [Symbol.dispose]() {} };
}

/** In `count` threads, each with a policy of its own, which ends with it. */
export function workerRunner(source: PolicySource, count: number, signal?: AbortSignal): Runner {
  const threads: WorkerCalls<WorkerRequest, Episode[]>[] = [];
  return {
    count,
    run(job, lane) {
      threads[lane] ??= workerCalls(start());
      return threads[lane].call({ source, job }, { signal });
    },
    [Symbol.dispose]() {
      for (const thread of threads) thread?.[Symbol.dispose]();
    },
  };
}

const start = () => new Worker(new URL("./rollout-worker.js", import.meta.url), { type: "module" });
