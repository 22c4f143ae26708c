import { type NdArray, ndarray, sizeOf } from "../engine/array/index.ts";
import { checkFinite, checkSamples } from "./check.ts";

/** Samples to compare: x0 [rows, ...shape], x1 [columns, ...shape]. */
export interface Samples {
  readonly x0: NdArray;
  readonly x1: NdArray;
}

/** Cost of every pair, [rows, columns]. Throws "shape" for samples of two sizes or none, "numerical" unless finite. */
export type CostMatrix = (samples: Samples) => NdArray<"float64">;

/** c_ij = |x0_i - x1_j|^2 over all elements of a sample, in float64; exactly 0 for equal samples. Throws as CostMatrix. */
export const squaredEuclidean: CostMatrix = (samples) => {
  const { rows, columns, size, a, b } = flatten("squaredEuclidean", samples);
  const cost = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const whole = columns - (columns % 4);
    for (let j = 0; j < whole; j += 4) four({ a, b, cost, size }, i * size, j, i * columns + j);
    for (let j = whole; j < columns; j++) {
      cost[i * columns + j] = squaredDistance(a, i * size, b, j * size, size);
    }
  }
  return ndarray(cost, [rows, columns], "float64");
};

/** c_ij = |x0_i - x1_j|. Throws as CostMatrix. */
export const euclidean: CostMatrix = (samples) => {
  const squared = squaredEuclidean(samples);
  return ndarray(squared.data.map(Math.sqrt), squared.shape, "float64");
};

/** c_ij = cost(x0_i, x1_j), both flat views that must not be kept. Throws as CostMatrix. */
export function pairwise(
  samples: Samples,
  cost: (x0: Float64Array, x1: Float64Array) => number,
): NdArray<"float64"> {
  const { rows, columns, size, a, b } = flatten("pairwise", samples);
  const row = (data: Float64Array, i: number) => data.subarray(i * size, (i + 1) * size);
  const right = Array.from({ length: columns }, (_, j) => row(b, j));
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const left = row(a, i);
    for (let j = 0; j < columns; j++) result[i * columns + j] = cost(left, right[j]!);
  }
  return ndarray(result, [rows, columns], "float64");
}

function flatten(where: string, { x0, x1 }: Samples) {
  checkSamples(where, x0, x1);
  checkFinite(where, "x0", x0);
  checkFinite(where, "x1", x1);
  return {
    rows: x0.shape[0]!,
    columns: x1.shape[0]!,
    size: sizeOf(x0.shape.slice(1)),
    a: Float64Array.from(x0.data),
    b: Float64Array.from(x1.data),
  };
}

interface Block {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly cost: Float64Array;
  readonly size: number;
}

/** One row against columns j … j + 3: each element of x0 is read once for four sums that do not wait for each other. */
function four({ a, b, cost, size }: Block, row: number, j: number, at: number): void {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let k = 0, p = j * size; k < size; k++, p++) {
    const x = a[row + k]!;
    const d0 = x - b[p]!;
    const d1 = x - b[p + size]!;
    const d2 = x - b[p + 2 * size]!;
    const d3 = x - b[p + 3 * size]!;
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  cost[at] = s0;
  cost[at + 1] = s1;
  cost[at + 2] = s2;
  cost[at + 3] = s3;
}

function squaredDistance(a: Float64Array, i: number, b: Float64Array, j: number, size: number): number {
  let sum = 0;
  for (let k = 0; k < size; k++) sum += (a[i + k]! - b[j + k]!) ** 2;
  return sum;
}
