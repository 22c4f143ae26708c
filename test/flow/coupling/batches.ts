import { type NdArray, ndarray } from "../../../src/engine/array/index.ts";
import { type Key, key, normal } from "../../../src/engine/random/index.ts";
import type { Batch, Pairing } from "../../../src/flow/coupling/index.ts";

/** Normal x0, and x1 around (4, 0); `condition` as given. */
export function batchOf(count: number, condition?: NdArray, drawn: Key = key("draw")): Batch {
  const x0 = normal(key("x0"), [count, 2]);
  const x1 = normal(key("x1"), [count, 2]);
  const moved = ndarray(
    x1.data.map((value, at) => value + (at % 2 === 0 ? 4 : 0)),
    [count, 2],
  );
  return { x0, x1: moved, condition, key: drawn };
}

/** sum_i |x0_source(i) - x1_target(i)|^2. */
export function costOf({ x0, x1 }: Batch, { source, target }: Pairing): number {
  let sum = 0;
  source.forEach((i, row) => {
    const j = target[row]!;
    sum += (x0.data[2 * i]! - x1.data[2 * j]!) ** 2 + (x0.data[2 * i + 1]! - x1.data[2 * j + 1]!) ** 2;
  });
  return sum;
}

export const labels = (count: number, classes: number): NdArray<"int32"> =>
  ndarray(
    Int32Array.from({ length: count }, (_, i) => (i * i) % classes),
    [count],
  );

export const sorted = (indices: Int32Array): number[] => Array.from(indices).sort((a, b) => a - b);

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
