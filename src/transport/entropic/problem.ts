import type { NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { checkCost, checkPositive } from "../check.ts";
import { type Masses, massOf } from "../mass.ts";
import type { StopOptions } from "./scaling.ts";

export interface EntropicProblem extends Masses, StopOptions {
  /** [rows, columns], finite. */
  readonly cost: NdArray;
  /** Weight of the entropy, > 0, in units of cost: the smaller, the sharper the plan and the more iterations. */
  readonly epsilon: number;
}

/** Throws "shape", "numerical", "option"; returns masses and -cost / epsilon. */
export function prepared(where: string, problem: EntropicProblem) {
  const { cost, epsilon, tolerance = 0, maxIterations = 1 } = problem;
  checkCost(where, cost);
  checkPositive(where, "epsilon", epsilon);
  if (!(tolerance >= 0) || !Number.isSafeInteger(maxIterations) || maxIterations < 1) {
    throw new AdvectError("option", where, {
      expected: "a tolerance >= 0 and an integer maxIterations >= 1",
      got: `${tolerance} and ${maxIterations}`,
    });
  }
  const [rows, columns] = cost.shape as [number, number];
  return {
    rows,
    columns,
    a: massOf(where, problem.rowMass, rows),
    b: massOf(where, problem.columnMass, columns),
    logKernel: Float64Array.from(cost.data, (value) => -value / epsilon),
  };
}
