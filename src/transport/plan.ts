import type { NdArray } from "../engine/array/index.ts";

/** How an iteration ended. When it did not converge the plan is the last one, for the caller to judge. */
export interface Convergence {
  readonly iterations: number;
  /** Mass that the last iteration moved; for balanced plans the error of their margins. */
  readonly error: number;
  readonly converged: boolean;
}

export interface Plan {
  /** Mass sent from row i to column j, [rows, columns], >= 0. */
  readonly plan: NdArray<"float64">;
  /** sum_ij plan_ij cost_ij. */
  readonly cost: number;
  /** Potentials, in units of cost. */
  readonly duals: { readonly rows: Float64Array; readonly columns: Float64Array };
  readonly report: Convergence;
}

/** Sums of a plan over columns and over rows. */
export function margins(plan: NdArray): { rows: Float64Array; columns: Float64Array } {
  const [rowCount, columnCount] = plan.shape as [number, number];
  const rows = new Float64Array(rowCount);
  const columns = new Float64Array(columnCount);
  plan.data.forEach((mass: number, at: number) => {
    const i = Math.floor(at / columnCount);
    rows[i] = rows[i]! + mass;
    columns[at - i * columnCount] = columns[at - i * columnCount]! + mass;
  });
  return { rows, columns };
}

/** sum_i |a_i - sum_j plan_ij| + sum_j |b_j - sum_i plan_ij|. */
export function marginError(plan: NdArray, masses: { rows: Float64Array; columns: Float64Array }): number {
  const actual = margins(plan);
  const distance = (a: Float64Array, b: Float64Array) =>
    a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0);
  return distance(actual.rows, masses.rows) + distance(actual.columns, masses.columns);
}

/** sum_ij plan_ij cost_ij. */
export function transportCost(plan: NdArray, cost: NdArray): number {
  let sum = 0;
  for (let i = 0; i < plan.data.length; i++) sum += plan.data[i]! * cost.data[i]!;
  return sum;
}
