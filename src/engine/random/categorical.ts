import { type NdArray, type NumberDType, type Shape, sizeOf, zeros } from "../array/index.ts";
import { AdvectError } from "../error.ts";
import { exp } from "./exp.ts";
import { wordStream } from "./integers.ts";
import type { Key } from "./key.ts";

/** How likely each category is: [..., categories]; the last axis need not sum to 1. */
export type Weights =
  | { readonly probabilities: NdArray<NumberDType> }
  | { readonly logits: NdArray<NumberDType> };

/**
 * Draws int32 category indices. Weights of shape [categories] serve any `shape`; weights of shape
 * [...batch, categories] need a `shape` that ends in batch, and each row draws for its place in it.
 * Throws "shape"; "option" for a row without a positive, finite total.
 */
export function categorical(key: Key, weights: Weights, shape: Shape): NdArray<"int32"> {
  const given = "logits" in weights ? weights.logits : weights.probabilities;
  checkShape(given.shape, shape);
  const result = zeros(shape, "int32");
  const categories = given.shape.at(-1)!;
  const rowCount = result.data.length === 0 ? 0 : sizeOf(given.shape) / categories;
  const rows = Array.from({ length: rowCount }, (_, row) => {
    const values = given.data.subarray(row * categories, (row + 1) * categories);
    return cumulative("logits" in weights ? exponentials(values) : values);
  });
  const next = wordStream(key, 2 * result.data.length);
  for (let i = 0; i < result.data.length; i++) {
    const unit = (next() * 2 ** 21 + (next() >>> 11)) * 2 ** -53;
    result.data[i] = indexAbove(rows[i % rowCount]!, unit);
  }
  return result;
}

function checkShape(weights: Shape, shape: Shape): void {
  const batch = weights.slice(0, -1);
  const tail = shape.slice(shape.length - batch.length);
  const ends = batch.length <= shape.length && batch.every((length, axis) => length === tail[axis]);
  if (weights.length > 0 && weights.at(-1)! > 0 && ends) return;
  throw new AdvectError("shape", "categorical", {
    expected: `weights of shape [categories] or [...batch, categories] for draws of shape [${shape}]`,
    got: weights,
    fix: "The shape of the draws must end in the batch axes of the weights.",
  });
}

/** exp(x - max x) row by row: the largest weight is 1. */
function exponentials(logits: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(logits);
  const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return values.map((value) => exp(value - largest));
}

/** Running sums, scaled to end in 1. */
function cumulative(weights: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(weights.length);
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    if (!(weights[i]! >= 0)) total = Number.NaN;
    sums[i] = total += weights[i]!;
  }
  if (!(total > 0 && total < Infinity)) {
    throw new AdvectError("option", "categorical", {
      expected: "weights >= 0 with a positive, finite sum",
      got: `a sum of ${total}`,
    });
  }
  return sums.map((sum) => sum / total);
}

/** The first index whose running sum exceeds `unit` < 1: never one of weight 0. */
function indexAbove(sums: Float64Array, unit: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sums[middle]! > unit) high = middle;
    else low = middle + 1;
  }
  return low;
}
