import { describe, expect, test } from "vitest";
import { nearestRows } from "../../../src/app/images/index.ts";
import { array, ndarray } from "../../../src/engine/array/index.ts";
import { key, normal } from "../../../src/engine/random/index.ts";
import { nearestDistances } from "../../../src/metrics/index.ts";

describe("nearestRows", () => {
  test("finds the row and its distance", () => {
    const among = array([
      [0, 0],
      [3, 4],
      [10, 10],
    ]);
    const { index, distance } = nearestRows({
      rows: array([
        [3, 4],
        [0, 1],
        [9, 9],
      ]),
      among,
    });
    expect([...index]).toEqual([1, 0, 2]);
    expect([...distance]).toEqual([0, 1, Math.SQRT2]);
  });

  test("takes the first of several equally near", () => {
    const among = array([[1], [-1], [1]]);
    expect([...nearestRows({ rows: array([[0]]), among }).index]).toEqual([0]);
  });

  test("agrees with the metric for images of more pixels than one stretch", () => {
    const rows = normal(key(1), [20, 1, 7, 7]);
    const among = normal(key(2), [60, 1, 7, 7]);
    const { index, distance } = nearestRows({ rows, among });
    const expected = nearestDistances({ samples: rows, reference: among });
    distance.forEach((found, i) => {
      expect(found).toBeCloseTo(expected[i]!, 6);
    });
    const first = [...rows.data.subarray(0, 49)].map((v, k) => (v - among.data[49 * index[0]! + k]!) ** 2);
    expect(Math.sqrt(first.reduce((a, b) => a + b))).toBeCloseTo(distance[0]!, 6);
  });

  test("refuses rows of another size, and nothing to search", () => {
    const rows = array([[1, 2]]);
    expect(() => nearestRows({ rows, among: array([[1, 2, 3]]) })).toThrow(
      "nearestRows: expected at least one row of shape [2] to search, got [1, 3]",
    );
    expect(() => nearestRows({ rows, among: ndarray(new Float32Array(0), [0, 2]) })).toThrow("got [0, 2]");
  });
});
