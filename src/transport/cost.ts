import { type NdArray, ndarray, sizeOf } from "../engine/array/index.ts";
import { checkFinite, checkSamples } from "./check.ts";
import { squaredDistances } from "./distance/squared-distances.ts";

/** Samples to compare: x0 [rows, ...shape], x1 [columns, ...shape]. */
export interface Samples {
  readonly x0: NdArray;
  readonly x1: NdArray;
}

/** Cost of every pair, [rows, columns]. Throws "shape" for samples of two sizes or none, "numerical" unless finite. */
export type CostMatrix = (samples: Samples) => NdArray<"float64">;

/** c_ij = |x0_i - x1_j|^2 over all elements of a sample, in float64; exactly 0 for equal samples. Throws as CostMatrix. */
export const squaredEuclidean: CostMatrix = (samples) => {
  const points = flatten("squaredEuclidean", samples);
  return ndarray(squaredDistances(points), [points.rows, points.columns], "float64");
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
