import { type NdArray, type Shape, sizeOf, zeros } from "../engine/array/index.ts";
import { type Key, uniform } from "../engine/random/index.ts";

/** How weights begin: drawn as PyTorch draws them, or at zero, so that a residual branch begins as the identity. */
export type Start = "uniform" | "zeros";

/** U(-bound, bound) */
export function uniformWithin(key: Key, shape: Shape, bound: number): NdArray {
  return uniform(key, shape, { low: -bound, high: bound });
}

/** Glorot's U(-b, b) with b = sqrt(6 / (in + out)), for a weight [out, in]. */
export function xavierUniform(key: Key, [outputs, inputs]: readonly [number, number]): NdArray {
  return uniformWithin(key, [outputs, inputs], Math.sqrt(6 / (inputs + outputs)));
}

export function ones(shape: Shape): NdArray {
  const result = zeros(shape);
  result.data.fill(1);
  return result;
}

export interface Affine {
  readonly weight: Shape;
  /** Length of the bias; 0 for none. */
  readonly bias: number;
  readonly start: Start;
}

/**
 * Weight and bias of a linear or convolutional layer, both from U(-1 / sqrt(n), 1 / sqrt(n)) where n = in * kernel
 * is the size of weight[0]: PyTorch's default (Kaiming with a = sqrt(5)).
 */
export function affineValues(key: Key, { weight, bias, start }: Affine): { weight: NdArray; bias?: NdArray } {
  const bound = 1 / Math.sqrt(sizeOf(weight.slice(1)));
  const draw = (name: string, shape: Shape) =>
    start === "zeros" ? zeros(shape) : uniformWithin(key.fold(name), shape, bound);
  const values = { weight: draw("weight", weight) };
  return bias > 0 ? { ...values, bias: draw("bias", [bias]) } : values;
}
