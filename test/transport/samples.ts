import { type NdArray, ndarray } from "../../src/engine/array/index.ts";
import { key, normal } from "../../src/engine/random/index.ts";

/** Normal samples in float64, [count, size]. */
export function cloud(seed: string, count: number, size = 2): NdArray<"float64"> {
  const { data } = normal(key(seed), [count, size]);
  return ndarray(Float64Array.from(data), [count, size], "float64");
}

export function matrix(rows: readonly (readonly number[])[]): NdArray<"float64"> {
  return ndarray(Float64Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0], "float64");
}

export function vector(values: readonly number[]): NdArray<"float64"> {
  return ndarray(Float64Array.from(values), [values.length], "float64");
}
