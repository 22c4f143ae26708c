import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { assign } from "../assignment/assign.ts";
import { checkCost } from "../check.ts";
import { checkBalanced, type Masses, massOf, total } from "../mass.ts";
import { marginError, type Plan, transportCost } from "../plan.ts";
import { network } from "./network.ts";
import { ship } from "./ship.ts";

export interface ExactProblem extends Masses {
  /** [rows, columns], finite. */
  readonly cost: NdArray;
}

/**
 * The plan P >= 0 with sum_j P_ij = a_i, sum_i P_ij = b_j and the least sum_ij P_ij c_ij. Equally many rows and
 * columns of equal mass are an assignment; anything else goes along successive shortest paths, whose time grows with
 * (rows + columns) rows columns. Throws "shape", "numerical", and "option" for masses that do not balance.
 */
export function exactPlan({ cost, rowMass, columnMass }: ExactProblem): Plan {
  checkCost("exactPlan", cost);
  const [rows, columns] = cost.shape as [number, number];
  if (rows === columns && !rowMass && !columnMass) return fromAssignment(cost, rows);
  const supply = massOf("exactPlan", rowMass, rows);
  const demand = massOf("exactPlan", columnMass, columns);
  checkBalanced("exactPlan", supply, demand);
  const state = network({ cost: Float64Array.from(cost.data), supply, demand });
  const iterations = ship(state);
  const plan = ndarray(state.flow, [rows, columns], "float64");
  const error = marginError(plan, { rows: supply, columns: demand });
  return {
    plan,
    cost: transportCost(plan, cost),
    duals: { rows: state.rowPrice, columns: state.columnPrice },
    report: { iterations, error, converged: error <= 1e-9 * total(supply) },
  };
}

function fromAssignment(cost: NdArray, count: number): Plan {
  const { columns, duals, cost: sum } = assign(cost);
  const flow = new Float64Array(count * count);
  columns.forEach((column, row) => {
    flow[row * count + column] = 1 / count;
  });
  return {
    plan: ndarray(flow, [count, count], "float64"),
    cost: sum / count,
    duals,
    report: { iterations: 1, error: 0, converged: true },
  };
}
