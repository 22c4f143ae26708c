import { AdvectError } from "../engine/error.ts";
import { euclidean, type Samples, squaredEuclidean } from "./cost.ts";
import { exactPlan } from "./exact/exact-plan.ts";
import type { Masses } from "./mass.ts";

/**
 * W_p = (min_P sum_ij P_ij |x0_i - x1_j|^p)^(1/p) between samples, exactly; p = 1 or 2.
 * x0: [rows, ...shape], x1: [columns, ...shape]. Throws as `exactPlan`; "option" for another p.
 */
export function wasserstein(samples: Samples & Masses & { readonly p: 1 | 2 }): number {
  const { p, rowMass, columnMass } = samples;
  if (p === 1) return exactPlan({ cost: euclidean(samples), rowMass, columnMass }).cost;
  if (p === 2) return Math.sqrt(exactPlan({ cost: squaredEuclidean(samples), rowMass, columnMass }).cost);
  throw new AdvectError("option", "wasserstein", { expected: "p of 1 or 2", got: p });
}
