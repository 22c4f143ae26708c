import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type NdArray, takeRows } from "../../src/engine/array/index.ts";
import { AdvectError } from "../../src/engine/error.ts";
import {
  assign,
  exactPlan,
  marginError,
  type Plan,
  squaredEuclidean,
  wasserstein,
} from "../../src/transport/index.ts";
import { cloud, matrix, vector } from "./samples.ts";

/** Weak duality closes: sum a u + sum b v = sum P c with u_i + v_j <= c_ij, so P is optimal. */
function expectOptimal(cost: NdArray, { plan, cost: paid, duals }: Plan, a: number[], b: number[]): void {
  const masses = { rows: Float64Array.from(a), columns: Float64Array.from(b) };
  expect(marginError(plan, masses)).toBeLessThan(1e-12);
  expect(Math.min(...plan.data)).toBeGreaterThanOrEqual(0);
  const reduced = cost.data.map(
    (value: number, at: number) =>
      value - duals.rows[Math.floor(at / b.length)]! - duals.columns[at % b.length]!,
  );
  expect(Math.min(...reduced)).toBeGreaterThan(-1e-10);
  const value =
    a.reduce((sum, mass, i) => sum + mass * duals.rows[i]!, 0) +
    b.reduce((sum, mass, j) => sum + mass * duals.columns[j]!, 0);
  expect(Math.abs(value - paid)).toBeLessThan(1e-10);
}

const normalised = (mass: number[]) => mass.map((value) => value / mass.reduce((x, y) => x + y, 0));
const masses = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 12 });

describe("exactPlan", () => {
  test("is proved optimal by its duals, for any masses, zeros and ties included", () => {
    const positive = masses.filter((mass) => mass.some((value) => value > 0)).map(normalised);
    fc.assert(
      fc.property(positive, positive, fc.boolean(), (a, b, tied) => {
        const points = squaredEuclidean({ x0: cloud("x", a.length), x1: cloud("y", b.length) });
        const cost = tied ? { ...points, data: points.data.map(Math.round) } : points;
        const plan = exactPlan({ cost, rowMass: vector(a), columnMass: vector(b) });
        expectOptimal(cost, plan, a, b);
      }),
      { numRuns: 80 },
    );
  });

  test("is proved optimal for 60 rows and 90 columns of unequal mass", () => {
    const a = normalised(Array.from(cloud("a", 60, 1).data, (value) => value ** 2));
    const b = normalised(Array.from(cloud("b", 90, 1).data, (value) => value ** 2));
    const cost = squaredEuclidean({ x0: cloud("x", 60), x1: cloud("y", 90) });
    expectOptimal(cost, exactPlan({ cost, rowMass: vector(a), columnMass: vector(b) }), a, b);
  });

  test("agrees with the assignment when masses are equal", () => {
    const cost = squaredEuclidean({ x0: cloud("x", 40), x1: cloud("y", 40) });
    const equal = vector(new Array(40).fill(1 / 40));
    const shipped = exactPlan({ cost, rowMass: equal, columnMass: equal });
    expect(shipped.cost).toBeCloseTo(assign(cost).cost / 40, 12);
    shipped.plan.data.forEach((mass, at) => expect(mass).toBeCloseTo(exactPlan({ cost }).plan.data[at]!, 12));
  });

  test.each([
    ["masses that do not balance", { rowMass: vector([1, 1]), columnMass: vector([1, 2]) }],
    ["a mass below 0", { rowMass: vector([2, -1]) }],
    ["no mass", { rowMass: vector([0, 0]) }],
    ["masses of another length", { columnMass: vector([1]) }],
    ["NaN masses", { columnMass: vector([1, Number.NaN]) }],
  ])("refuses %s", (_, given) => {
    const cost = matrix([
      [0, 1],
      [1, 0],
    ]);
    expect(() => exactPlan({ cost, ...given })).toThrow(AdvectError);
  });
});

describe("wasserstein", () => {
  test("of a translated cloud is the length of the translation", () => {
    const x0 = cloud("x", 30);
    const x1 = { ...x0, data: x0.data.map((value, at) => value + (at % 2 === 0 ? 3 : -4)) };
    expect(wasserstein({ x0, x1, p: 1 })).toBeCloseTo(5, 10);
    expect(wasserstein({ x0, x1, p: 2 })).toBeCloseTo(5, 10);
  });

  test("on a line is the distance between sorted samples", () => {
    const [x0, x1] = [cloud("x", 50, 1), cloud("y", 50, 1)];
    const [a, b] = [x0.data.slice().sort(), x1.data.slice().sort()];
    const expected = Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / 50);
    expect(wasserstein({ x0, x1, p: 2 })).toBeCloseTo(expected, 12);
  });

  test("does not notice samples that come twice", () => {
    const [x0, x1] = [cloud("x", 12), cloud("y", 9)];
    const twice = takeRows(
      x0,
      Int32Array.from({ length: 24 }, (_, i) => i % 12),
    );
    expect(wasserstein({ x0: twice, x1, p: 1 })).toBeCloseTo(wasserstein({ x0, x1, p: 1 }), 12);
  });

  test("is symmetric and obeys the triangle inequality", () => {
    const [a, b, c] = [cloud("a", 20), cloud("b", 15), cloud("c", 25)];
    const distance = (x0: NdArray, x1: NdArray) => wasserstein({ x0, x1, p: 2 });
    expect(distance(a, b)).toBeCloseTo(distance(b, a), 12);
    expect(distance(a, c)).toBeLessThan(distance(a, b) + distance(b, c));
  });

  test("refuses another power", () => {
    expect(() => wasserstein({ x0: cloud("x", 2), x1: cloud("y", 2), p: 3 as 2 })).toThrow(AdvectError);
  });
});
