import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { type NdArray, ndarray } from "../../src/engine/array/index.ts";

export interface GoldenArray {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface GoldenCase {
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>> & { readonly op: string };
  readonly expected: Readonly<Record<string, unknown>>;
}

export interface GoldenFile {
  readonly tolerance: { readonly rtol: number; readonly atol: number };
  readonly cases: readonly GoldenCase[];
}

export function goldenFile(topic: string): GoldenFile {
  return JSON.parse(readFileSync(new URL(`../golden/${topic}.json`, import.meta.url), "utf8"));
}

export const double = ({ shape, data }: GoldenArray): NdArray<"float64"> =>
  ndarray(Float64Array.from(data), shape, "float64");

export const integers = ({ shape, data }: GoldenArray): NdArray<"int32"> =>
  ndarray(Int32Array.from(data), shape, "int32");

/** Expects |got - want| <= atol + rtol |want| everywhere, and equal shapes. */
export function expectClose(
  got: NdArray,
  want: GoldenArray,
  { rtol, atol }: { rtol: number; atol: number },
): void {
  expect(got.shape).toEqual(want.shape);
  const wrong = want.data.flatMap((value, i) =>
    Math.abs(got.data[i]! - value) <= atol + rtol * Math.abs(value) ? [] : [{ i, value, got: got.data[i]! }],
  );
  expect(wrong).toEqual([]);
}
