import { expect } from "vitest";
import { type NdArray, ndarray } from "../../../src/engine/array/index.ts";
import {
  concat,
  type Draw,
  declarations,
  expandDims,
  grad,
  interpret,
  matmul,
  type Tensor,
  tanh,
} from "../../../src/engine/tensor/index.ts";
import { sample } from "../../helpers/gradcheck.ts";

export interface Net {
  readonly W1: Tensor;
  readonly b1: Tensor;
  readonly W2: Tensor;
}

/** Parameters for points of 2 elements with `times` times beside them. */
export const netParams = (times: number) => ({
  W1: sample([2 + times, 5], 1, [-1, 1]),
  b1: sample([5], 2, [-1, 1]),
  W2: sample([5, 2], 3, [-1, 1]),
});

/** tanh([x, times] W1 + b1) W2 */
export function net({ W1, b1, W2 }: Net, x: Tensor, times: readonly Tensor[]): Tensor {
  const inputs = concat([x, ...times.map((t) => expandDims(t, -1))], -1);
  return matmul(tanh(matmul(inputs, W1).add(b1)), W2);
}

/** For losses that are given everything: any draw is an input that nobody fills, which `interpret` refuses. */
export const noDraw = (): Draw => declarations().draw;

/** d f / d params by the five-point rule, element by element. */
export function differences<P extends Readonly<Record<string, NdArray>>>(
  f: (params: P) => number,
  params: P,
): number[] {
  const h = 5e-4;
  return Object.entries(params).flatMap(([name, { shape, data }]) =>
    Array.from(data as Float64Array, (_, i) => {
      const at = (step: number) => {
        const moved = Float64Array.from(data as Float64Array, (value, j) => (i === j ? value + step : value));
        return f({ ...params, [name]: ndarray(moved, shape, "float64") });
      };
      return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    }),
  );
}

/** The distance of two lists of numbers, in units of the second. */
export function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...b.map((value, i) => a[i]! - value)) / Math.hypot(...b);
}

/** The numbers of all arrays, in order. */
export const flat = (arrays: Readonly<Record<string, NdArray>>): number[] =>
  Object.values(arrays).flatMap(({ data }) => [...data]);

type Given<At> = { x0: Tensor; x1: Tensor; at: At };

/** Whether the loss has the gradient of its first call of the network alone, the others being targets. */
export function checkFirstCall<At>(
  lossOf: (networks: readonly [Net, Net], pairs: Given<At>) => Tensor,
  given: never,
  times: number,
): void {
  const params = netParams(times);
  const gradient = interpret(
    (p: Net, pairs: Given<At>) => grad(lossOf([p, p], pairs), p),
    params,
    given,
  ) as unknown as ReturnType<typeof netParams>;
  const frozen = (moved: typeof params) =>
    (
      interpret(
        (p: Net, fixed: Net, pairs: Given<At>) => lossOf([p, fixed], pairs),
        moved,
        params,
        given,
      ) as {
        data: Float64Array;
      }
    ).data[0]!;
  expect(distance(flat(gradient), differences(frozen, params))).toBeLessThan(1e-7);
}
