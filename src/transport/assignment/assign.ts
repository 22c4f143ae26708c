import type { NdArray } from "../../engine/array/index.ts";
import { checkCost } from "../check.ts";
import { solveAssignment } from "./solve.ts";

export interface Assignment {
  /** Column of each row; -1 for the rows - columns rows that stay alone. */
  readonly columns: Int32Array;
  /** Row of each column; -1 for the columns - rows columns that stay alone. */
  readonly rows: Int32Array;
  readonly cost: number;
  /** u_i + v_j <= c_ij for every pair and = for matched ones; 0 for what stays alone, <= 0 on the longer side. */
  readonly duals: { readonly rows: Float64Array; readonly columns: Float64Array };
}

/**
 * The one-to-one matching of min(rows, columns) pairs with the least sum of costs, min_pi sum_i c_{i pi(i)}.
 * cost: [rows, columns], computed in float64; of several optima one is chosen, always the same.
 * Throws "shape" when empty or not a matrix, "numerical" unless finite.
 */
export function assign(cost: NdArray): Assignment {
  checkCost("assign", cost);
  const [rows, columns] = cost.shape as [number, number];
  const data = Float64Array.from(cost.data);
  if (rows <= columns) return solved({ rows, columns, cost: data });
  const flipped = solved({ rows: columns, columns: rows, cost: transposed(data, rows, columns) });
  const { rows: u, columns: v } = flipped.duals;
  return {
    columns: flipped.rows,
    rows: flipped.columns,
    cost: flipped.cost,
    duals: { rows: v, columns: u },
  };
}

function solved(problem: { rows: number; columns: number; cost: Float64Array }): Assignment {
  const { columnOf, rowOf, price } = solveAssignment(problem);
  const paid = Float64Array.from(columnOf, (column, row) => problem.cost[row * problem.columns + column]!);
  return {
    columns: columnOf,
    rows: rowOf,
    cost: paid.reduce((sum, value) => sum + value, 0),
    duals: { rows: paid.map((value, row) => value - price[columnOf[row]!]!), columns: price },
  };
}

function transposed(data: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j]!;
  }
  return result;
}
