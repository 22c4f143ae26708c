import type { Shape } from "../../array/nd-array.ts";
import { sizeOf } from "../../array/nd-array.ts";
import type { OpName, Primitives, TensorType } from "../primitives.ts";
import { stridesOf } from "../shape.ts";

/** Numbers of any dtype, held in float64; booleans are 0 and 1. */
export interface Numbers {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** Computes one primitive in float64: the meaning of the operation, written for clarity. */
export type Kernel<Op extends OpName> = (
  inputs: readonly Numbers[],
  attributes: Primitives[Op],
  type: TensorType,
) => Float64Array;

/**
 * The offsets that a walk over `shape` visits when axis a advances by strides[a], row-major.
 * Broadcasting is a stride of 0, slicing a larger one, flipping a negative one.
 */
export function walk(shape: Shape, strides: readonly number[], start = 0): Int32Array {
  const offsets = new Int32Array(sizeOf(shape));
  if (offsets.length === 0) return offsets;
  offsets[0] = start;
  let filled = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const block = filled;
    for (let i = 1; i < shape[axis]!; i++) {
      for (let j = 0; j < block; j++) offsets[filled++] = offsets[j]! + i * strides[axis]!;
    }
  }
  return offsets;
}

/** Offsets into an array of shape `from` for every element of the broadcast shape `to`. */
export function broadcastOffsets(from: Shape, to: Shape): Int32Array {
  const strides = stridesOf(from);
  const shift = to.length - from.length;
  return walk(
    to,
    to.map((_, axis) => (axis < shift || from[axis - shift] === 1 ? 0 : strides[axis - shift]!)),
  );
}

/** The elements of x at the offsets. */
export function pick(x: Numbers, offsets: Int32Array): Float64Array {
  const out = new Float64Array(offsets.length);
  for (let i = 0; i < out.length; i++) out[i] = x.data[offsets[i]!]!;
  return out;
}
