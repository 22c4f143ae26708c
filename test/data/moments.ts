import { expect } from "vitest";
import type { NdArray } from "../../src/engine/array/index.ts";

/** The mean of values, and its standard error. */
export function meanOf(values: readonly number[]): { mean: number; stdError: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, stdError: Math.sqrt(variance / values.length) };
}

/** Fails beyond five standard errors, and where those are so large that little would be claimed. */
export function expectMean(values: readonly number[], expected: number, most = 0.05): void {
  const { mean, stdError } = meanOf(values);
  expect(stdError).toBeLessThan(most);
  expect(Math.abs(mean - expected)).toBeLessThan(5 * stdError + 1e-12);
}

export function points(x: NdArray): [number, number][] {
  return Array.from({ length: x.shape[0]! }, (_, i) => [x.data[2 * i]!, x.data[2 * i + 1]!]);
}
