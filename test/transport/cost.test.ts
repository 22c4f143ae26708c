import { describe, expect, test } from "vitest";
import { ndarray } from "../../src/engine/array/index.ts";
import { AdvectError } from "../../src/engine/error.ts";
import { euclidean, pairwise, squaredEuclidean } from "../../src/transport/index.ts";
import { cloud, matrix } from "./samples.ts";

describe("cost matrices", () => {
  test.each([1, 2, 3, 4, 5, 9])("blocks of columns agree with one pair at a time: %i columns", (columns) => {
    const samples = { x0: cloud("a", 3, 7), x1: cloud("b", columns, 7) };
    const expected = pairwise(samples, (a, b) => a.reduce((sum, v, k) => sum + (v - b[k]!) ** 2, 0));
    const got = squaredEuclidean(samples);
    expect(got.shape).toEqual([3, columns]);
    got.data.forEach((value, i) => expect(value).toBeCloseTo(expected.data[i]!, 12));
    euclidean(samples).data.forEach((value, i) => expect(value ** 2).toBeCloseTo(got.data[i]!, 12));
  });

  test("measures 3-4-5 triangles, whatever the shape of a sample", () => {
    const x0 = ndarray(new Float32Array([0, 0, 0, 0]), [1, 2, 2]);
    const x1 = ndarray(new Float32Array([0, 3, 4, 0, 1, 1, 1, 1]), [2, 2, 2]);
    expect(Array.from(squaredEuclidean({ x0, x1 }).data)).toEqual([25, 4]);
    expect(Array.from(euclidean({ x0, x1 }).data)).toEqual([5, 2]);
  });

  test("is exactly 0 between equal samples far from the origin", () => {
    const x = matrix([[1e8 + 0.1, -1e8, 3e7]]);
    expect(squaredEuclidean({ x0: x, x1: x }).data[0]).toBe(0);
  });

  test.each([
    ["samples of two sizes", { x0: cloud("a", 2, 3), x1: cloud("b", 2, 4) }],
    ["no samples", { x0: ndarray(new Float32Array(0), [0, 2]), x1: cloud("b", 2) }],
    ["NaN", { x0: matrix([[Number.NaN]]), x1: matrix([[1]]) }],
    ["a number without axes", { x0: ndarray(new Float32Array(1), []), x1: matrix([[1]]) }],
  ])("refuses %s", (_, samples) => {
    expect(() => squaredEuclidean(samples)).toThrow(AdvectError);
    expect(() => pairwise(samples, () => 0)).toThrow(AdvectError);
  });
});
