import type { NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { reshape, type Tensor } from "../../engine/tensor/index.ts";

/**
 * v(x, t), the right-hand side of dx/dt = v from t = 0 (noise) to t = 1 (data). x: [batch, ...event];
 * t: [batch] or [batch, tokens], broadcast over the trailing axes of x; the result has the shape of x. Wrap it to change it.
 */
export type VelocityField = (x: Tensor, t: Tensor) => Tensor;

/** The same on numbers, as `compile` returns it. */
export type CompiledField = (x: NdArray, t: NdArray) => Promise<NdArray>;

/**
 * `values` of shape [batch] or [batch, tokens] with axes of length 1 behind, so that they broadcast against x,
 * [batch, ...event]. Throws "shape", in the name of `where`, unless they are given for the first one or two axes of x.
 */
export function alongEvent(where: string, values: Tensor, x: Tensor): Tensor {
  const { shape, rank } = values;
  if (rank >= 1 && rank <= 2 && rank <= x.rank && shape.every((length, axis) => length === x.shape[axis])) {
    return reshape(values, [...shape, ...x.shape.slice(rank).map(() => 1)]);
  }
  const [batch, tokens] = x.shape;
  const expected = tokens === undefined ? `[${batch ?? "batch"}]` : `[${batch}] or [${batch}, ${tokens}]`;
  throw new AdvectError("shape", where, {
    expected: `t of shape ${expected}`,
    got: shape,
    fix: "Give every sample, or every token of every sample, its time; expand a scalar first.",
  });
}
