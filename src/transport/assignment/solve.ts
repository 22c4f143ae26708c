import { augment } from "./augment.ts";
import { reduceColumns, reduceRows } from "./reduce.ts";
import { type Matching, matching, unmatchedRows } from "./state.ts";

/**
 * Linear assignment after [jonker1987]: cheap reductions match most rows, shortest augmenting paths
 * the rest. rows <= columns; the cost is finite. Time O(rows^2 columns) at worst, deterministic.
 */
export function solveAssignment(problem: Pick<Matching, "rows" | "columns" | "cost">): Matching {
  const state = matching(problem);
  if (problem.rows === problem.columns) reduceColumns(state);
  let free = unmatchedRows(state);
  for (let round = 0; round < 2 && free.length > 0; round++) free = reduceRows(state, free);
  augment(state, free);
  return state;
}
