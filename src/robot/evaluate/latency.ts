import type { Clock } from "../../engine/clock.ts";
import type { Key } from "../../engine/random/index.ts";
import { type LatencySummary, latencySummary } from "../../metrics/index.ts";
import type { Policy } from "../policy/policy.ts";
import { lane } from "./lane.ts";
import type { Task } from "./task.ts";

export interface LatencyOptions {
  readonly policy: Policy;
  readonly task: Task;
  /** Of the episode whose observations are predicted for. */
  readonly seed: number;
  readonly key: Key;
  readonly clock: Clock;
  /** Predictions that are timed, after ten that are not; 100 unless given. */
  readonly count?: number;
  /** Later than this is a miss; a control step of the policy unless given. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

export interface Latency {
  readonly latencyMs: LatencySummary;
  readonly deadlineMisses: number;
  /** Every time, in order. */
  readonly timesMs: readonly number[];
}

const warmUps = 10;

/**
 * How long `predict` takes for one observation, as a robot has it: from the observation to the chunk, on observations
 * of an episode that the policy itself plays, again from its start where it ends.
 */
export async function measureLatency({
  policy,
  task,
  seed,
  key,
  clock,
  count = 100,
  deadlineMs = policy.spec.stepSeconds * 1000,
  signal,
}: LatencyOptions): Promise<Latency> {
  const { spec } = policy;
  const begin = () => lane({ task, spec, seed, executeSteps: spec.executeSteps });
  const timesMs: number[] = [];
  let episode = begin();
  for (let i = -warmUps; i < count; i++) {
    signal?.throwIfAborted();
    const request = { observation: episode.observation, key: key.fold(i + warmUps) };
    const before = clock.nowMs();
    const chunk = await policy.predict(request);
    const taken = clock.nowMs() - before;
    if (i >= 0) timesMs.push(taken);
    episode.play(chunk);
    if (episode.done) episode = begin();
  }
  const deadlineMisses = timesMs.filter((taken) => taken > deadlineMs).length;
  return { latencyMs: latencySummary(timesMs), deadlineMisses, timesMs };
}
