import { AdvectError } from "../error.ts";
import { allocate, type DType, type NdArray, ndarray } from "./nd-array.ts";

/** A copy whose axis i is axis permutation[i] of `array`. Throws "shape" unless every axis is named once. */
export function permuteAxes<D extends DType>(array: NdArray<D>, permutation: readonly number[]): NdArray<D> {
  const { shape, data, dtype } = array;
  if (permutation.length !== shape.length || !shape.every((_, axis) => permutation.includes(axis))) {
    throw new AdvectError("shape", "permuteAxes", {
      expected: `a permutation of the ${shape.length} axes of [${shape}]`,
      got: permutation,
    });
  }
  const target = permutation.map((axis) => shape[axis]!);
  const steps = permutation.map((axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const out = allocate(dtype, data.length);
  let filled = 0;
  const copy = (axis: number, from: number): void => {
    const step = steps[axis] ?? 0;
    if (axis >= target.length - 1) {
      const count = target[axis] ?? 1;
      for (let i = 0; i < count; i++) out[filled++] = data[from + i * step]!;
    } else for (let i = 0; i < target[axis]!; i++) copy(axis + 1, from + i * step);
  };
  if (data.length > 0) copy(0, 0);
  return ndarray(out, target, dtype);
}
