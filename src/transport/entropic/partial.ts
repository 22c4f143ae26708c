import { AdvectError } from "../../engine/error.ts";
import { total } from "../mass.ts";
import type { Plan } from "../plan.ts";
import { type EntropicProblem, prepared } from "./problem.ts";
import { entropicPlan } from "./scaling.ts";

export interface PartialProblem extends EntropicProblem {
  /** How much to transport, 0 < mass <= min(sum a, sum b), which it is unless given. */
  readonly mass?: number;
}

/**
 * The plan of total `mass` with margins at most a and b that minimises sum P c + epsilon sum P (log P - 1), by
 * Dykstra's projections [benamou2015]. Each of them scales rows, columns or the whole, so undoing one and
 * projecting again is a block update: f_i = min(0, log a_i - log of row i without f_i).
 * Throws "shape", "numerical", "option".
 */
export function partial(problem: PartialProblem): Plan {
  const { a, b, ...kernel } = prepared("partial", problem);
  const most = Math.min(total(a), total(b));
  const { mass = most } = problem;
  if (!(mass > 0 && mass <= most * (1 + 1e-12))) {
    throw new AdvectError("option", "partial", { expected: `a mass in (0, ${most}]`, got: mass });
  }
  const [logA, logB] = [a.map(Math.log), b.map(Math.log)];
  const scaling = {
    ...kernel,
    rowUpdate: (logMass: number, i: number) => Math.min(0, logA[i]! - logMass),
    columnUpdate: (logMass: number, j: number) => Math.min(0, logB[j]! - logMass),
    totalUpdate: (logMass: number) => Math.log(mass) - logMass,
  };
  return entropicPlan(scaling, problem);
}
