import { AdvectError } from "../error.ts";
import { allocate, type DataOf, type DType, type NdArray, ndarray, sizeOf } from "./nd-array.ts";

/** Row i of the result is row indices[i] of `array`, along the first axis. Throws "shape" for an index outside it. */
export function takeRows<D extends DType>(array: NdArray<D>, indices: Int32Array): NdArray<D> {
  const [rowCount = 0, ...rest] = array.shape;
  const size = sizeOf(rest);
  const data = allocate(array.dtype, indices.length * size);
  indices.forEach((index, i) => {
    if (index < 0 || index >= rowCount) throw outside(array, index);
    copyRow(data as Float32Array, i * size, array.data as Float32Array, index * size, size);
  });
  return ndarray(data as DataOf<D>, [indices.length, ...rest], array.dtype);
}

/** Bulk copies cost a view, so short rows go element by element. */
function copyRow(to: Float32Array, at: number, from: Float32Array, start: number, size: number): void {
  if (size >= 32) to.set(from.subarray(start, start + size), at);
  else for (let j = 0; j < size; j++) to[at + j] = from[start + j]!;
}

function outside(array: NdArray<DType>, index: number): AdvectError {
  return new AdvectError("shape", "takeRows", {
    expected: `indices of rows of an array of shape [${array.shape}]`,
    got: index,
  });
}
