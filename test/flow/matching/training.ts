import { array, asType, type NdArray, takeRows } from "../../../src/engine/array/index.ts";
import { integers, type Key, key } from "../../../src/engine/random/index.ts";
import { compile, random, spec, specOf } from "../../../src/engine/runtime/index.ts";
import {
  constant,
  type Draw,
  interpret,
  type Mapped,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import type { CompiledField, VelocityField } from "../../../src/flow/field/index.ts";
import { flowMatching } from "../../../src/flow/matching/index.ts";
import { condOT, marginal } from "../../../src/flow/path/index.ts";
import { type MlpParams, mlp } from "../../../src/nn/index.ts";
import { cosineRate, trainer } from "../../../src/train/index.ts";

/** Eight points, unevenly on a ring. */
export const points = array([[2, 0], [1.4, 1.4], [0, 2], [-1.4, 1.4], [-2, 0], [-1, -1.7], [0, -2], [0.4, -1.9]]); // biome-ignore format: one line

export const model = mlp({ size: 2, hidden: 64, depth: 3 });
export type Values = Mapped<MlpParams, NdArray>;

/** What the network should learn. */
export const exact: VelocityField = marginal({ data: constant(points), scheduler: condOT });

const batch = 256;

/** The network after `steps` steps of flow matching; rows(key) gives x1, and perhaps the x0 that belongs to it. */
export async function trained(
  params: Values,
  { steps, rows, seed }: { steps: number; rows: (key: Key) => { x0?: NdArray; x1: NdArray }; seed: string },
): Promise<Values> {
  const matching = flowMatching();
  const first = rows(key(seed));
  type Ends = { x0?: Tensor; x1: Tensor };
  using run = await trainer<MlpParams, [Ends, Draw]>({
    params,
    loss: (p, ends, draw) => matching((x, t) => model.apply(p, x, t), ends, draw),
    signature: [specOf(first) as Mapped<Ends, ReturnType<typeof spec>>, random],
    learningRate: cosineRate({ from: 4e-3, steps }),
  });
  for (let step = 0; step < steps; step++) {
    const stepKey = key(seed).fold(step);
    await run.step(rows(stepKey.fold("rows")) as Mapped<Ends, NdArray>, stepKey);
  }
  return run.snapshot().params;
}

/** x1 drawn from the points. */
export const fromPoints = (seed: Key) => ({
  x1: takeRows(points, integers(seed, [batch], { high: 8 }).data),
});

/** Pairs drawn from those that are given. */
export const fromPairs = (pairs: { readonly x0: NdArray; readonly x1: NdArray }) => (seed: Key) => {
  const { data } = integers(seed, [batch], { high: pairs.x0.shape[0]! });
  return { x0: takeRows(pairs.x0, data), x1: takeRows(pairs.x1, data) };
};

/** The network as a field for `solve`, for that many samples. */
export async function compiledField(params: Values, count: number): Promise<CompiledField & Disposable> {
  const run = await compile((p: MlpParams, x: Tensor, t: Tensor) => model.apply(p, x, t), [
    specOf(params),
    spec([count, 2]),
    spec([count]),
  ] as never);
  const field = async (x: NdArray, t: NdArray) => (await run(params, x, t)) as NdArray;
  return Object.assign(field, { [Symbol.dispose]: () => run[Symbol.dispose]() });
}

/** mean |v - exact|^2 / mean |exact|^2 at these places. */
export function fieldError(params: Values, x: NdArray, t: NdArray): number {
  const { learned, truth } = interpret(
    (p: MlpParams, at: Tensor, time: Tensor) => ({
      learned: model.apply(p, at, time),
      truth: exact(at, time),
    }),
    params as never,
    asType(x, "float32"),
    t,
  );
  const error = learned.data.reduce((sum, value, i) => sum + (value - truth.data[i]!) ** 2, 0);
  return error / truth.data.reduce((sum, value) => sum + value ** 2, 0);
}

/** For each sample, the nearest point and how far it is. */
function nearest({ data, shape }: NdArray): { point: number; distance: number }[] {
  return Array.from({ length: shape[0]! }, (_, i) => {
    const distances = Array.from({ length: 8 }, (_, k) =>
      Math.hypot(data[2 * i]! - points.data[2 * k]!, data[2 * i + 1]! - points.data[2 * k + 1]!),
    );
    const distance = Math.min(...distances);
    return { distance, point: distances.indexOf(distance) };
  });
}

/** The mean distance of samples from the nearest point. */
export function distanceFromPoints(samples: NdArray): number {
  const found = nearest(samples);
  return found.reduce((sum, { distance }) => sum + distance, 0) / found.length;
}

/** Which share of the samples is nearest to each point; all are 1/8 of the data. */
export function shares(samples: NdArray): number[] {
  const found = nearest(samples);
  return Array.from({ length: 8 }, (_, k) => found.filter(({ point }) => point === k).length / found.length);
}
