import { type NdArray, ndarray } from "../../src/engine/array/index.ts";
import { type Key, normal } from "../../src/engine/random/index.ts";

/** N(shift, std^2 I) in `size` dimensions. */
export function gaussians({ size = 2, std = 1, shift = 0 } = {}): (key: Key, count: number) => NdArray {
  return (key, count) => normal(key, [count, size], { std, mean: shift });
}

export function mapped(x: NdArray, fn: (value: number, at: number) => number): NdArray<"float64"> {
  return ndarray(
    Float64Array.from(x.data, (value, at) => fn(value, at)),
    x.shape,
    "float64",
  );
}

/** [x, y] turned by an angle. */
export function rotated(x: NdArray, angleRad: number): NdArray<"float64"> {
  const [c, s] = [Math.cos(angleRad), Math.sin(angleRad)];
  return mapped(x, (value, at) =>
    at % 2 === 0 ? c * value - s * x.data[at + 1]! : s * x.data[at - 1]! + c * value,
  );
}
