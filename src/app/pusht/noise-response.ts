import { key } from "../../engine/random/index.ts";
import { history, loadSource, type PolicySource, type TaskName, tasks } from "../../robot/index.ts";

/** What the noise of a policy does to its chunks. */
export interface NoiseResponse {
  /** Largest difference between two chunks of the same noise, in units of the action: 0 where they are reproducible. */
  readonly sameNoise: number;
  /** Root of the mean squared difference between chunks of different noise. */
  readonly otherNoise: number;
}

export interface NoiseRequest {
  readonly policy: PolicySource;
  readonly task: TaskName;
  /** Of the episodes whose first observations are predicted for. */
  readonly seeds: readonly number[];
}

/** Predicts for each observation three times: twice with the same key, in two openings of the policy, and with another. */
export async function noiseResponse({ policy: source, task, seeds }: NoiseRequest): Promise<NoiseResponse> {
  const first = await chunks({ policy: source, task, seeds }, "one");
  const again = await chunks({ policy: source, task, seeds }, "one");
  const other = await chunks({ policy: source, task, seeds }, "another");
  const same = first.map((value, i) => Math.abs(value - again[i]!));
  const squares = first.map((value, i) => (value - other[i]!) ** 2);
  return {
    sameNoise: same.reduce((most, value) => Math.max(most, value), 0),
    otherNoise: Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / squares.length),
  };
}

async function chunks({ policy: source, task, seeds }: NoiseRequest, noise: string): Promise<number[]> {
  using policy = await loadSource(source);
  const { spec } = policy;
  const world = tasks[task].environment(spec);
  const found = seeds.map(async (seed) => {
    const observation = history(spec).push(world.reset({ seed }));
    const { actions } = await policy.predict({ observation, key: key(noise).fold(seed) });
    return Array.from(actions.data);
  });
  return (await Promise.all(found)).flat();
}
