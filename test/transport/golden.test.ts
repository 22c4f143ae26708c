import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type NdArray, ndarray } from "../../src/engine/array/index.ts";
import {
  assign,
  exactPlan,
  type Plan,
  partial,
  sinkhorn,
  squaredEuclidean,
  unbalanced,
  wasserstein,
} from "../../src/transport/index.ts";

interface Flat {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Case {
  readonly name: string;
  readonly inputs: {
    readonly method: "exact" | "sinkhorn" | "unbalanced" | "partial";
    readonly x0: Flat;
    readonly x1: Flat;
    readonly reg?: number;
    readonly reg_m?: number;
    readonly reg_type?: "entropy" | "kl";
    readonly mass?: number;
    readonly normalize_cost?: boolean;
  };
  readonly expected: {
    readonly plan: Flat;
    readonly cost_matrix?: Flat;
    readonly cost?: number;
    readonly transport_cost?: number;
    readonly total_mass?: number;
    readonly assignment?: readonly number[];
    readonly wasserstein1?: number;
    readonly wasserstein2?: number;
  };
}

const url = new URL("../golden/optimal_transport.json", import.meta.url);
const file: { tolerance: { rtol: number; atol: number }; cases: Case[] } = JSON.parse(
  readFileSync(url, "utf8"),
);

const double = ({ shape, data }: Flat) => ndarray(Float64Array.from(data), shape, "float64");

function expectClose(got: ArrayLike<number>, want: readonly number[]): void {
  const { rtol, atol } = file.tolerance;
  expect(got.length).toBe(want.length);
  const wrong = want.flatMap((value, i) =>
    Math.abs(got[i]! - value) <= atol + rtol * Math.abs(value) ? [] : [{ i, value, got: got[i] }],
  );
  expect(wrong).toEqual([]);
}

function normalised(cost: NdArray<"float64">): NdArray<"float64"> {
  const largest = Math.max(...cost.data);
  return ndarray(
    cost.data.map((value) => value / largest),
    cost.shape,
    "float64",
  );
}

const sharp = { tolerance: 1e-13, maxIterations: 200_000 };

function planOf({ method, reg, reg_m, reg_type, mass }: Case["inputs"], cost: NdArray<"float64">): Plan {
  const problem = { cost, epsilon: reg ?? 0, ...sharp };
  if (method === "exact") return exactPlan({ cost });
  if (method === "sinkhorn") return sinkhorn(problem);
  if (method === "partial") return partial({ ...problem, mass: mass! });
  return unbalanced({
    ...problem,
    marginWeight: reg_m!,
    reference: reg_type === "kl" ? "product" : "counting",
  });
}

describe("golden optimal transport", () => {
  test.each(file.cases)("$name", ({ inputs, expected }) => {
    const samples = { x0: double(inputs.x0), x1: double(inputs.x1) };
    const squared = squaredEuclidean(samples);
    const result = planOf(inputs, inputs.normalize_cost ? normalised(squared) : squared);
    expect(result.report.converged).toBe(true);
    expect(result.plan.shape).toEqual(expected.plan.shape);
    expectClose(result.plan.data, expected.plan.data);
    const numbers: [number | undefined, () => number][] = [
      [expected.cost, () => result.cost],
      [expected.transport_cost, () => result.cost],
      [expected.total_mass, () => result.plan.data.reduce((sum, value) => sum + value, 0)],
      [expected.wasserstein1, () => wasserstein({ ...samples, p: 1 })],
      [expected.wasserstein2, () => wasserstein({ ...samples, p: 2 })],
    ];
    for (const [want, got] of numbers) if (want !== undefined) expectClose([got()], [want]);
    if (expected.cost_matrix) expectClose(squared.data, expected.cost_matrix.data);
    if (expected.assignment) expect(Array.from(assign(squared).columns)).toEqual(expected.assignment);
  });

  test("has all its cases", () => {
    expect(file.cases).toHaveLength(18);
  });
});
