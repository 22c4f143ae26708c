import fc from "fast-check";
import { expect } from "vitest";
import { type NdArray, ndarray, type Shape, sizeOf } from "../../../src/engine/array/index.ts";
import { sample } from "../../helpers/gradcheck.ts";

/** Every index of an array, row-major. */
export function indicesOf(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (prefixes, length) => prefixes.flatMap((prefix) => Array.from({ length }, (_, i) => [...prefix, i])),
    [[]],
  );
}

/** The array whose element at each index is f(index). */
export function tabulate(shape: Shape, f: (index: number[]) => number): NdArray<"float64"> {
  return ndarray(Float64Array.from(indicesOf(shape), f), shape, "float64");
}

/** The element at an index, which may be that of an array this one broadcasts to. */
export function at({ shape, data }: NdArray, index: readonly number[]): number {
  const own = shape.length === 0 ? [] : index.slice(-shape.length);
  return data[own.reduce((offset, i, axis) => offset * shape[axis]! + (shape[axis] === 1 ? 0 : i), 0)]!;
}

/** Sums f over every index of `shape`. */
export function total(shape: Shape, f: (index: number[]) => number): number {
  return indicesOf(shape).reduce((sum, index) => sum + f(index), 0);
}

/** The same shape, and numbers equal to about rounding. */
export function expectClose(actual: NdArray, expected: NdArray, digits = 12): void {
  expect([...actual.shape]).toEqual([...expected.shape]);
  const scale = Math.max(1, ...Array.from(expected.data, Math.abs).filter(Number.isFinite));
  Array.from(actual.data).forEach((value, i) => {
    if (Object.is(value, expected.data[i])) return;
    expect(value / scale, `element ${i}`).toBeCloseTo(expected.data[i]! / scale, digits);
  });
}

export const lengths = (minimum = 0) => fc.integer({ min: minimum, max: 3 });
export const shapes = ({ minRank = 0, minLength = 0 } = {}) =>
  fc.array(lengths(minLength), { minLength: minRank, maxLength: 4 });
export const seeds = fc.integer({ min: 1, max: 10_000 });
export const arrays = (options?: { minRank?: number; minLength?: number }) =>
  fc.tuple(shapes(options), seeds).map(([shape, seed]) => sample(shape, seed));

/** Shapes that broadcast to a common one. */
export const broadcasting = (count: number) =>
  shapes().chain((shape) =>
    fc.array(
      fc
        .tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
        .map(([drop, ones]) => shape.map((n, axis) => (ones[axis] ? 1 : n)).slice(drop)),
      { minLength: count, maxLength: count },
    ),
  );

export function broadcastShape(...list: Shape[]): number[] {
  const rank = Math.max(...list.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const all = list.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return all.find((n) => n !== 1) ?? 1;
  });
}

/** Asserts a property over generated values, always the same ones. */
export function forAll<T>(values: fc.Arbitrary<T>, claim: (value: T) => void, numRuns = 80): void {
  fc.assert(fc.property(values, claim), { seed: 7, numRuns });
}

/** An axis of the shape, from the front or from the end, and the same from the front. */
export const axisOf = (rank: number) =>
  fc.integer({ min: -rank, max: rank - 1 }).map((axis) => ({ axis, front: axis < 0 ? axis + rank : axis }));

export const withAxis = (options: { minLength?: number } = {}) =>
  arrays({ minRank: 1, ...options }).chain((x) => axisOf(x.shape.length).map((place) => ({ x, ...place })));

export const without = (index: readonly number[], axis: number) => index.filter((_, i) => i !== axis);
export const replaced = (index: readonly number[], axis: number, value: number) =>
  index.map((own, i) => (i === axis ? value : own));
export { sizeOf };
