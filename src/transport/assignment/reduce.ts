import type { Matching } from "./state.ts";

/** Square problems: v_j = min_i c_ij; each column takes a row where it attains that, if no column took it before. */
export function reduceColumns({ rows, columns, cost, price, columnOf, rowOf }: Matching): void {
  const cheapest = new Int32Array(columns);
  price.set(cost.subarray(0, columns));
  for (let i = 1, at = columns; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++) {
      if (cost[at]! < price[j]!) {
        price[j] = cost[at]!;
        cheapest[j] = i;
      }
    }
  }
  for (let j = columns - 1; j >= 0; j--) {
    const row = cheapest[j]!;
    if (columnOf[row] !== -1) continue;
    columnOf[row] = j;
    rowOf[j] = row;
  }
}

/**
 * Augmenting row reduction: each free row bids for its cheapest column j, lowering v_j until the second cheapest is
 * as good, and frees the row that held it. A displaced row bids at once where the price fell, else in the next round.
 * Returns the rows still free. Bids are bounded, since rounding could let two rows underbid each other forever.
 */
export function reduceRows(state: Matching, free: readonly number[]): number[] {
  const { columnOf, rowOf, price } = state;
  const pending = Array.from(free).reverse();
  const left: number[] = [];
  for (let bids = 0; pending.length > 0; bids++) {
    const row = pending.pop()!;
    if (bids > 4 * state.rows) {
      left.push(row);
      continue;
    }
    const { first, second, gap } = twoCheapest(state, row);
    const before = price[first]!;
    price[first] = before - gap;
    const fell = price[first]! < before;
    const column = !fell && rowOf[first] !== -1 && second !== -1 ? second : first;
    const displaced = rowOf[column]!;
    columnOf[row] = column;
    rowOf[column] = row;
    if (displaced === -1) continue;
    columnOf[displaced] = -1;
    (fell ? pending : left).push(displaced);
  }
  return left;
}

/** The columns of the least and second least c_ij - v_j, and how far these are apart; second is -1 in a single column. */
function twoCheapest({ columns, cost, price }: Matching, row: number) {
  const base = row * columns;
  let first = 0;
  let second = -1;
  let least = cost[base]! - price[0]!;
  let next = Infinity;
  for (let j = 1; j < columns; j++) {
    const reduced = cost[base + j]! - price[j]!;
    if (reduced >= next) continue;
    if (reduced < least) {
      next = least;
      second = first;
      least = reduced;
      first = j;
    } else {
      next = reduced;
      second = j;
    }
  }
  return { first, second, gap: second === -1 ? 0 : next - least };
}
