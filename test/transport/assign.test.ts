import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type NdArray, ndarray, takeRows } from "../../src/engine/array/index.ts";
import { AdvectError } from "../../src/engine/error.ts";
import { key, permutation, uniform } from "../../src/engine/random/index.ts";
import { type Assignment, assign, squaredEuclidean } from "../../src/transport/index.ts";
import { cloud, matrix } from "./samples.ts";

/** Rows of up to 7 numbers, drawn by fast-check; `value` decides how often costs tie. */
const matrices = (value: fc.Arbitrary<number>) =>
  fc
    .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }))
    .chain(([n, m]) =>
      fc.array(fc.array(value, { minLength: m, maxLength: m }), { minLength: n, maxLength: n }),
    )
    .map(matrix);

const integers = fc.integer({ min: -3, max: 3 });
const reals = fc.double({ min: -1e3, max: 1e3, noNaN: true });

/** The least cost of matching rows `from` on, to columns not yet used, leaving `spare` more rows alone. */
function bruteForce({ shape: [n = 0, m = 0], data }: NdArray, from = 0, used = 0, alone = 0): number {
  if (from === n) return 0;
  const skip =
    n - alone > m
      ? bruteForce({ shape: [n, m], data, dtype: "float64" }, from + 1, used, alone + 1)
      : Infinity;
  let best = skip;
  for (let j = 0; j < m; j++) {
    if (used & (1 << j)) continue;
    const rest = bruteForce({ shape: [n, m], data, dtype: "float64" }, from + 1, used | (1 << j), alone);
    best = Math.min(best, data[from * m + j]! + rest);
  }
  return best;
}

/** Matching and duals prove each other optimal: feasible, tight where matched, equal sums. */
function expectOptimal(cost: NdArray, { rows, columns, duals, cost: total }: Assignment): void {
  const [n, m] = cost.shape as [number, number];
  const scale = Math.max(1, ...Array.from(cost.data, Math.abs));
  const slack = 1e-12 * scale * Math.max(n, m);
  expect(new Set(columns.filter((j) => j !== -1)).size).toBe(Math.min(n, m));
  expect(columns.filter((j) => j !== -1)).toHaveLength(Math.min(n, m));
  let worst = Infinity;
  let loose = 0;
  let contradictions = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      const reduced = cost.data[i * m + j]! - duals.rows[i]! - duals.columns[j]!;
      worst = Math.min(worst, reduced);
      if ((columns[i] === j) !== (rows[j] === i)) contradictions++;
      if (columns[i] === j) loose = Math.max(loose, Math.abs(reduced));
    }
  }
  expect(contradictions).toBe(0);
  expect(loose).toBeLessThanOrEqual(slack);
  expect(worst).toBeGreaterThanOrEqual(-slack);
  const sum = [...duals.rows, ...duals.columns].reduce((a, b) => a + b, 0);
  expect(Math.abs(sum - total)).toBeLessThanOrEqual(slack);
  if (n < m) expect(Math.max(...duals.columns)).toBeLessThanOrEqual(0);
  if (n > m) expect(Math.max(...duals.rows)).toBeLessThanOrEqual(0);
}

describe("assign", () => {
  test.each([
    ["integer costs full of ties", integers],
    ["real costs", reals],
  ])("finds the least cost of all matchings, rectangular ones included: %s", (_, value) => {
    fc.assert(
      fc.property(matrices(value), (cost) => {
        const found = assign(cost);
        expect(found.cost).toBeCloseTo(bruteForce(cost), 8);
        expectOptimal(cost, found);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    [60, 60],
    [300, 300],
    [90, 140],
    [140, 90],
    [1, 50],
    [50, 1],
  ])("proves its matching of %i rows and %i columns by duals", (n, m) => {
    const uniforms = uniform(key(`${n} ${m}`), [n, m]);
    const ties = ndarray(
      Int32Array.from(uniforms.data, (value) => Math.floor(value * 5)),
      [n, m],
      "int32",
    );
    const points = squaredEuclidean({ x0: cloud("a", n), x1: cloud("b", m) });
    for (const cost of [uniforms, ties, points]) expectOptimal(cost, assign(cost));
  });

  test("survives costs that are all equal, huge, tiny or duplicated", () => {
    const rows = cloud("rows", 20);
    const twice = takeRows(
      rows,
      Int32Array.from({ length: 40 }, (_, i) => i >> 1),
    );
    const duplicated = squaredEuclidean({ x0: twice, x1: twice });
    expect(assign(duplicated).cost).toBe(0);
    expectOptimal(duplicated, assign(duplicated));
    for (const scale of [0, 1e-300, 1e300 / 60]) {
      const cost = ndarray(uniform(key("scale"), [30, 30]).data, [30, 30]);
      const scaled = ndarray(
        Float64Array.from(cost.data, (v) => v * scale),
        [30, 30],
        "float64",
      );
      const { columns } = assign(scaled);
      expect(new Set(columns).size).toBe(30);
      if (scale > 0) expect(columns).toEqual(assign(cost).columns);
    }
  });

  test("follows permutations of the rows", () => {
    const cost = squaredEuclidean({ x0: cloud("p", 50), x1: cloud("q", 50) });
    const order = permutation(key("order"), 50).data;
    const expected = order.map((row) => assign(cost).columns[row]!);
    expect(assign(takeRows(cost, order)).columns).toEqual(expected);
  });

  test("does not change when a number is added to a row or a column", () => {
    const cost = squaredEuclidean({ x0: cloud("p", 40), x1: cloud("q", 40) });
    const shifts = cloud("shift", 40, 2).data;
    const shifted = cost.data.map(
      (v, at) => v + shifts[2 * Math.floor(at / 40)]! + shifts[2 * (at % 40) + 1]!,
    );
    expect(assign(ndarray(shifted, [40, 40], "float64")).columns).toEqual(assign(cost).columns);
  });

  test("leaves its argument alone", () => {
    const cost = squaredEuclidean({ x0: cloud("p", 12), x1: cloud("q", 9) });
    const before = cost.data.slice();
    assign(cost);
    expect(cost.data).toEqual(before);
  });

  test("refuses costs whose sums overflow", () => {
    const sign = cloud("sign", 40, 40).data.map((value) => 1.7e308 * Math.sign(value));
    expect(() => assign(ndarray(sign, [40, 40], "float64"))).toThrow("Scale them down");
  });

  test("solves a small problem after a large one, and the large one again", () => {
    const [large, small] = [120, 7].map((n) => squaredEuclidean({ x0: cloud("p", n), x1: cloud("q", n) }));
    const [first, second] = [assign(large!), assign(small!)];
    expectOptimal(small!, second);
    expect(assign(large!)).toEqual(first);
    expect(assign(small!)).toEqual(second);
  });

  test.each([
    ["NaN", matrix([[1, Number.NaN]])],
    ["infinity", matrix([[1, Infinity]])],
    ["no rows", ndarray(new Float64Array(0), [0, 3], "float64")],
    ["a vector", ndarray(new Float64Array(3), [3], "float64")],
  ])("refuses %s", (_, cost) => {
    expect(() => assign(cost)).toThrow(AdvectError);
  });
});
