import { checkPositive } from "../check.ts";
import type { Plan } from "../plan.ts";
import { type EntropicProblem, prepared } from "./problem.ts";
import { entropicPlan } from "./scaling.ts";

export interface UnbalancedProblem extends EntropicProblem {
  /** Weight of KL(margin | mass) on both sides, > 0, in units of cost: the larger, the closer the margins. */
  readonly marginWeight: number;
  /** What the entropy compares P with: "product", a_i b_j (unless given), or "counting", 1 everywhere. */
  readonly reference?: "product" | "counting";
}

/**
 * min_P sum P c + epsilon KL(P | reference) + marginWeight (KL(P 1 | a) + KL(P^T 1 | b)), where mass that would travel
 * too far disappears [chizat2018]: f_i = phi (log a_i - log sum_j exp(g_j + k_ij)) with
 * phi = marginWeight / (marginWeight + epsilon). Throws "shape", "numerical", "option".
 */
export function unbalanced(problem: UnbalancedProblem): Plan {
  const { marginWeight, epsilon, reference = "product" } = problem;
  const { a, b, logKernel, ...size } = prepared("unbalanced", problem);
  checkPositive("unbalanced", "marginWeight", marginWeight);
  const phi = marginWeight / (marginWeight + epsilon);
  const [logA, logB] = [a.map(Math.log), b.map(Math.log)];
  const against = (at: number) => logA[Math.floor(at / size.columns)]! + logB[at % size.columns]!;
  const fit = (logTarget: number, logMass: number) =>
    logTarget === -Infinity ? -Infinity : phi * (logTarget - logMass);
  const scaling = {
    ...size,
    logKernel: reference === "product" ? logKernel.map((value, at) => value + against(at)) : logKernel,
    rowUpdate: (logMass: number, i: number) => fit(logA[i]!, logMass),
    columnUpdate: (logMass: number, j: number) => fit(logB[j]!, logMass),
  };
  return entropicPlan(scaling, problem);
}
