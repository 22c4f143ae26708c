import { chunkOffsets, type Episodes, windows } from "../../data/index.ts";
import { type NdArray, ndarray, takeRows } from "../../engine/array/index.ts";
import { type Key, permutation } from "../../engine/random/index.ts";
import type { NeuralPolicy, Observation } from "../../robot/index.ts";

/** Actions on their way from noise to a chunk, and those that were demonstrated. */
export interface Unfolding {
  readonly times: readonly number[];
  /** Of each time, in the units of the spec, from the origin on: the values of each dimension, of all chunks. */
  readonly generated: readonly (readonly Float32Array[])[];
  /** Of each dimension, at the same observations. */
  readonly expert: readonly Float32Array[];
}

export interface UnfoldOptions {
  readonly policy: NeuralPolicy;
  /** With the features of the policy, and action. */
  readonly set: Episodes;
  readonly key: Key;
  /** What actions are counted from, a number for each dimension. */
  readonly originOf: (observation: Observation) => ArrayLike<number>;
  /** Observations, one chunk for each; 100 unless given. */
  readonly count?: number;
}

/**
 * Draws chunks for observations of demonstrations, and keeps every step of the solver; of policies that integrate no
 * field there is t = 1 alone. Throws as `policy.session`.
 */
export async function unfold({ policy, set, key, originOf, count = 100 }: UnfoldOptions): Promise<Unfolding> {
  const { observations, actions } = drawn({ policy, set, key, count });
  const { spec } = policy;
  const size = spec.action.length;
  const counted = (chunk: NdArray, observation: Observation) => {
    const origin = originOf(observation);
    return Float32Array.from(chunk.data, (value, i) => Number(value) - origin[i % size]!);
  };
  const paths: Float32Array[][] = [];
  let times: readonly number[] = [];
  for (const [i, observation] of observations.entries()) {
    if (!integrates(policy)) {
      const { actions: made } = await policy.predict({ observation, key: key.fold(i) });
      paths.push([counted(made, observation)]);
      times = [1];
      continue;
    }
    const session = await policy.session({ observation, keys: [key.fold(i)] });
    const chunk = () =>
      counted(
        policy.decode(ndarray(session.x.data, [spec.horizon, spec.action.length]), observation),
        observation,
      );
    const path = [chunk()];
    while (!session.done) {
      await session.step();
      path.push(chunk());
    }
    times = session.times;
    paths.push(path);
  }
  const dimensionsOf = (chunks: readonly Float32Array[]) =>
    spec.action.map((_, dimension) =>
      Float32Array.from(chunks.flatMap((chunk) => every(chunk, { size, from: dimension }))),
    );
  return {
    times,
    generated: times.map((_, step) => dimensionsOf(paths.map((path) => path[step]!))),
    expert: dimensionsOf(observations.map((observation, i) => counted(rowOf(actions, i), observation))),
  };
}

/** Where the agent of PushT is now. */
export function agentPlace({ "observation.state": state }: Observation): number[] {
  return Array.from(state!.data.slice(-2), Number);
}

const integrates = ({ design: { method } }: NeuralPolicy) =>
  method.kind === "flow" || method.kind === "diffusion";

function every(
  data: Float32Array,
  { size, from }: { readonly size: number; readonly from: number },
): number[] {
  return Array.from({ length: data.length / size }, (_, i) => data[i * size + from]!);
}

/** Observations of demonstrations, drawn at random, with what was done then. */
function drawn({ policy: { spec }, set, key, count }: Required<Omit<UnfoldOptions, "originOf">>) {
  const offsets = chunkOffsets(spec);
  const names = Object.keys(spec.observation);
  const all = windows(set, {
    offsets: {
      ...Object.fromEntries(names.map((name) => [name, offsets.observation])),
      action: offsets.action,
    },
  });
  const chosen = permutation(key.fold("observations"), all.count).data.slice(0, count) as Int32Array;
  const { values } = all.gather(chosen);
  const observations = Array.from(
    chosen,
    (_, i): Observation => Object.fromEntries(names.map((name) => [name, rowOf(values[name]!, i)])),
  );
  return { observations, actions: values.action! };
}

function rowOf(rows: NdArray, i: number): NdArray {
  const row = takeRows(rows, Int32Array.of(i));
  return ndarray(row.data as Float32Array, row.shape.slice(1));
}
