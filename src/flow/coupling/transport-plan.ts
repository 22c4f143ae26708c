import type { NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { exactPlan, type Plan, partial, sinkhorn, unbalanced } from "../../transport/index.ts";

/** A plan between equal masses as plain data; epsilon and the like in units of squared distance. */
export type PlanSpec =
  | { readonly method: "exact" }
  | { readonly method: "sinkhorn"; readonly epsilon: number }
  | { readonly method: "unbalanced"; readonly epsilon: number; readonly marginWeight: number }
  /** 0 < mass <= 1. */
  | { readonly method: "partial"; readonly epsilon: number; readonly mass: number };

/** Enough for drawing pairs: plans are sums of a few hundred masses, and a draw has a few digits. */
export const precision = { tolerance: 1e-6, maxIterations: 1000 };

/** Throws what the method throws, and "option" for a method that does not exist. */
export function transportPlan(spec: PlanSpec, cost: NdArray): Plan {
  const problem = { ...precision, ...spec, cost };
  if (problem.method === "exact") return exactPlan({ cost });
  if (problem.method === "sinkhorn") return sinkhorn(problem);
  if (problem.method === "unbalanced") return unbalanced(problem);
  if (problem.method === "partial") return partial(problem);
  throw new AdvectError("option", "transportPlan", {
    expected: 'method "exact", "sinkhorn", "unbalanced" or "partial"',
    got: (spec as { method: unknown }).method,
  });
}
