import { type NdArray, type Shape, zeros } from "../array/index.ts";
import { AdvectError } from "../error.ts";
import { fillFloats } from "./kernel.ts";
import type { Key } from "./key.ts";

export interface UniformOptions {
  /** Included; 0 unless given. */
  readonly low?: number;
  /** Excluded; 1 unless given. */
  readonly high?: number;
}

export interface NormalOptions {
  /** 0 unless given. */
  readonly mean?: number;
  /** >= 0; 1 unless given. */
  readonly std?: number;
}

/** Numbers uniform in [low, high), low + (high - low) u with u on a grid of 2^-24. Throws "shape", "option". */
export function uniform(key: Key, shape: Shape, options: UniformOptions = {}): NdArray<"float32"> {
  const result = zeros(shape);
  fillUniform(key, result.data, options);
  return result;
}

/** Numbers from N(mean, std^2), at most 6.66 std from the mean. Throws "shape", "option". */
export function normal(key: Key, shape: Shape, options: NormalOptions = {}): NdArray<"float32"> {
  const result = zeros(shape);
  fillNormal(key, result.data, options);
  return result;
}

/** -1 or 1 with equal probability, as float32. Throws "shape". */
export function rademacher(key: Key, shape: Shape): NdArray<"float32"> {
  const result = uniform(key, shape, { low: -1, high: 1 });
  for (let i = 0; i < result.data.length; i++) result.data[i] = result.data[i]! < 0 ? -1 : 1;
  return result;
}

/** Writes into `out` what `uniform` returns, without allocating. Throws "option". */
export function fillUniform(key: Key, out: Float32Array, { low = 0, high = 1 }: UniformOptions = {}): void {
  const from = Math.fround(low);
  const last = floatBelow(high);
  const span = Math.fround(high - low);
  if (!(from <= last && Number.isFinite(span))) {
    throw new AdvectError("option", "uniform", {
      expected: "finite low < high, also as float32",
      got: `low ${low}, high ${high}`,
    });
  }
  fillFloats(key, out, (kernel, groups) => kernel.uniform(groups, from, span, last));
}

/** Writes into `out` what `normal` returns, without allocating. Throws "option". */
export function fillNormal(key: Key, out: Float32Array, { mean = 0, std = 1 }: NormalOptions = {}): void {
  if (!Number.isFinite(mean) || !Number.isFinite(std) || std < 0) {
    throw new AdvectError("option", "normal", {
      expected: "a finite mean and a finite std >= 0",
      got: `mean ${mean}, std ${std}`,
    });
  }
  fillFloats(key, out, (kernel, groups) => kernel.normal(groups, mean, std));
}

/** The largest float32 below `value`: rounding may lift low + span u onto high itself. */
function floatBelow(value: number): number {
  const float = new Float32Array([value]);
  const bits = new Int32Array(float.buffer);
  if (float[0] === 0) return -(2 ** -149);
  bits[0]! += float[0]! > 0 ? -1 : 1;
  return float[0]!;
}
