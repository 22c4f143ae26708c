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
export async function noiseResponse({ policy, task, seeds }: NoiseRequest): Promise<NoiseResponse> {
  const [first] = await chunks({ policy, task, seeds }, ["one"]);
  const [again, other] = await chunks({ policy, task, seeds }, ["one", "another"]);
  const same = first!.map((value, i) => Math.abs(value - again![i]!));
  const squares = first!.map((value, i) => (value - other![i]!) ** 2);
  return {
    sameNoise: same.reduce((most, value) => Math.max(most, value), 0),
    otherNoise: Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / squares.length),
  };
}

/** The chunks of all seeds, one after another, for each noise. */
async function chunks(
  { policy: source, task, seeds }: NoiseRequest,
  noises: readonly string[],
): Promise<number[][]> {
  using policy = await loadSource(source);
  const { observation, obsHorizon } = policy.spec;
  const world = tasks[task].environment({ observation });
  const seen = seeds.map((seed) => history({ observation, obsHorizon }).push(world.reset({ seed })));
  const all: number[][] = [];
  for (const noise of noises) {
    const requests = seen.map((one, i) => ({ observation: one, key: key(noise).fold(seeds[i]!) }));
    const made = await policy.predictMany(requests);
    all.push(made.flatMap(({ actions }) => Array.from(actions.data)));
  }
  return all;
}
