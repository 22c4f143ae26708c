import { describe, expect, test } from "vitest";
import { takeRows } from "../../src/engine/array/index.ts";
import { AdvectError } from "../../src/engine/error.ts";
import { key, permutation } from "../../src/engine/random/index.ts";
import {
  exactPlan,
  marginError,
  margins,
  partial,
  sinkhorn,
  squaredEuclidean,
  unbalanced,
} from "../../src/transport/index.ts";
import { cloud, matrix, vector } from "./samples.ts";

const cost = squaredEuclidean({ x0: cloud("x", 30), x1: cloud("y", 20) });
const uniformMasses = { rows: new Float64Array(30).fill(1 / 30), columns: new Float64Array(20).fill(1 / 20) };
const mass = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);

describe("sinkhorn", () => {
  test.each([0.3, 1, 5])("has the margins it was given, as its report says: epsilon %f", (epsilon) => {
    const { plan, report } = sinkhorn({ cost, epsilon, tolerance: 1e-10 });
    expect(report.converged).toBe(true);
    expect(report.error).toBeLessThanOrEqual(1e-10);
    expect(marginError(plan, uniformMasses)).toBeLessThan(2e-10);
  });

  test("takes masses of your own, some of them 0", () => {
    const rowMass = vector([0, 0.2, 0.8]);
    const columnMass = vector([0.6, 0.4]);
    const small = squaredEuclidean({ x0: cloud("x", 3), x1: cloud("y", 2) });
    const { plan } = sinkhorn({ cost: small, epsilon: 1, rowMass, columnMass });
    expect(marginError(plan, { rows: rowMass.data, columns: columnMass.data })).toBeLessThan(1e-8);
    expect(Array.from(plan.data.subarray(0, 2))).toEqual([0, 0]);
  });

  test("is the exponential of its potentials, the condition of optimality", () => {
    const { plan, duals } = sinkhorn({ cost, epsilon: 0.5 });
    plan.data.forEach((value, at) => {
      const exponent = duals.rows[Math.floor(at / 20)]! + duals.columns[at % 20]! - cost.data[at]!;
      expect(value).toBeCloseTo(Math.exp(exponent / 0.5), 12);
    });
  });

  test("tends to the exact plan, where exp(-cost / epsilon) is 0 everywhere", () => {
    const near = squaredEuclidean({ x0: cloud("x", 8), x1: cloud("y", 8) });
    const far = { ...near, data: near.data.map((value) => value + 200) };
    const epsilon = 0.2;
    expect(far.data.every((value) => Math.exp(-value / epsilon) === 0)).toBe(true);
    const { plan, cost: paid, report } = sinkhorn({ cost: far, epsilon });
    expect(report.converged).toBe(true);
    expect(margins(plan).rows[0]).toBeCloseTo(1 / 8, 8);
    const least = exactPlan({ cost: far }).cost;
    expect(paid).toBeGreaterThan(least);
    expect(paid).toBeLessThan(least + epsilon * Math.log(8));
  });

  test("tends to the product of the masses for large epsilon", () => {
    const { plan } = sinkhorn({ cost, epsilon: 1e9 });
    for (const value of plan.data) expect(value * 600).toBeCloseTo(1, 6);
  });

  test("does not change when costs are shifted, and follows a permutation of the rows", () => {
    const { plan } = sinkhorn({ cost, epsilon: 0.3 });
    const shifted = sinkhorn({ cost: { ...cost, data: cost.data.map((value) => value - 7) }, epsilon: 0.3 });
    shifted.plan.data.forEach((value, at) => expect(value).toBeCloseTo(plan.data[at]!, 10));
    const order = permutation(key(1), 30).data;
    const permuted = sinkhorn({ cost: takeRows(cost, order), epsilon: 0.3 });
    takeRows(plan, order).data.forEach((value, at) => expect(permuted.plan.data[at]).toBeCloseTo(value, 10));
  });

  test("reports, and does not throw, when it runs out of iterations", () => {
    const { plan, report } = sinkhorn({ cost, epsilon: 0.01, maxIterations: 3 });
    expect(report).toMatchObject({ iterations: 3, converged: false });
    expect(report.error).toBeGreaterThan(1e-9);
    expect(margins(plan).columns[0]).toBeCloseTo(1 / 20, 10);
  });
});

describe("unbalanced", () => {
  const problem = { cost, epsilon: 0.5, tolerance: 1e-11 };

  test("approaches the balanced plan as margins weigh more, by 1 / marginWeight", () => {
    const balanced = sinkhorn(problem).plan.data;
    const distance = (marginWeight: number) => {
      const { plan } = unbalanced({ ...problem, marginWeight, tolerance: 1e-9 });
      return Math.max(...plan.data.map((value, at) => Math.abs(value - balanced[at]!)));
    };
    const ratio = distance(1000) / distance(100);
    expect(ratio).toBeGreaterThan(0.08);
    expect(ratio).toBeLessThan(0.12);
  });

  test.each(["product", "counting"] as const)("solves the conditions of optimality: %s", (reference) => {
    const { plan, report } = unbalanced({ ...problem, marginWeight: 2, reference });
    expect(report.converged).toBe(true);
    const sums = margins(plan);
    plan.data.forEach((value, at) => {
      const [i, j] = [Math.floor(at / 20), at % 20];
      const prior = reference === "product" ? 1 / 600 : 1;
      const slope =
        cost.data[at]! +
        0.5 * Math.log(value / prior) +
        2 * Math.log(sums.rows[i]! * 30) +
        2 * Math.log(sums.columns[j]! * 20);
      expect(Math.abs(slope)).toBeLessThan(1e-7);
    });
  });

  test("sends less to an outlier", () => {
    const near = matrix([[0], [0.1], [0.2], [20]]);
    const apart = squaredEuclidean({ x0: near, x1: matrix([[0], [0.1], [0.2], [0.3]]) });
    const { rows } = margins(unbalanced({ cost: apart, epsilon: 0.1, marginWeight: 1 }).plan);
    expect(rows[3]! / rows[0]!).toBeLessThan(1e-6);
  });
});

describe("partial", () => {
  test.each([0.1, 0.6, 1])("moves the mass asked for and no more than each side has: %f", (wanted) => {
    const { plan, report } = partial({ cost, epsilon: 0.5, mass: wanted, tolerance: 1e-12 });
    expect(report.converged).toBe(true);
    expect(mass(plan.data)).toBeCloseTo(wanted, 12);
    const { rows, columns } = margins(plan);
    expect(Math.max(...rows) * 30).toBeLessThan(1 + 1e-9);
    expect(Math.max(...columns) * 20).toBeLessThan(1 + 1e-9);
  });

  test("moves all there is unless told otherwise, as sinkhorn does", () => {
    const all = partial({ cost, epsilon: 0.5, tolerance: 1e-12 }).plan.data;
    sinkhorn({ cost, epsilon: 0.5, tolerance: 1e-12 }).plan.data.forEach((value, at) =>
      expect(all[at]).toBeCloseTo(value, 9),
    );
  });

  test("leaves the far samples out, also where exp(-cost / epsilon) is 0", () => {
    const far = squaredEuclidean({ x0: matrix([[100], [101], [500]]), x1: matrix([[0], [1], [2]]) });
    const { rows } = margins(partial({ cost: far, epsilon: 1, mass: 2 / 3 }).plan);
    expect(rows[2]).toBeLessThan(1e-9);
    expect(rows[0]! + rows[1]!).toBeCloseTo(2 / 3, 9);
  });

  test.each([0, -1, 1.1, Number.NaN])("refuses a mass of %f", (wanted) => {
    expect(() => partial({ cost, epsilon: 0.5, mass: wanted })).toThrow(AdvectError);
  });
});

describe("every entropic plan", () => {
  const solvers = { sinkhorn, partial, unbalanced };
  for (const [name, solve] of Object.entries(solvers)) {
    test.each([
      ["epsilon 0", { epsilon: 0 }],
      ["epsilon below 0", { epsilon: -1 }],
      ["an epsilon that is no number", { epsilon: Number.NaN }],
      ["NaN costs", { cost: matrix([[Number.NaN]]) }],
      ["an empty cost", { cost: matrix([]) }],
      ["no iterations", { maxIterations: 0 }],
      ["a tolerance below 0", { tolerance: -1 }],
      ["masses of another length", { rowMass: vector([1]) }],
    ])(`${name} refuses %s`, (_, bad) => {
      expect(() => solve({ cost, epsilon: 1, marginWeight: 1, ...bad })).toThrow(AdvectError);
    });
  }

  test("refuses a margin weight of 0, and masses that do not balance", () => {
    expect(() => unbalanced({ cost, epsilon: 1, marginWeight: 0 })).toThrow(AdvectError);
    const columnMass = vector(new Array(20).fill(1));
    expect(() => sinkhorn({ cost, epsilon: 1, columnMass })).toThrow(AdvectError);
  });
});
