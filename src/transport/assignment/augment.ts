import type { Matching } from "./state.ts";

/** What one search leaves for the next to reuse; `order` lists the columns: scanned first, then open. */
interface Search {
  readonly distance: Float64Array;
  readonly previous: Int32Array;
  readonly order: Int32Array;
}

/** Matches every row of `free` by a shortest augmenting path from it, and updates the prices along its tree. */
export function augment(state: Matching, free: readonly number[]): void {
  const search = {
    distance: new Float64Array(state.columns),
    previous: new Int32Array(state.columns),
    order: Int32Array.from({ length: state.columns }, (_, j) => j),
  };
  for (const row of free) flip(state, search, row, shortestPath(state, search, row));
}

/**
 * Dijkstra over reduced costs from `row` to the nearest column without a row, which it returns. Each pass relaxes the
 * open columns through one row and finds the nearest of them on the way.
 */
function shortestPath(state: Matching, search: Search, row: number): number {
  const { columns, rowOf } = state;
  const { order, distance, previous } = search;
  distance.fill(Infinity);
  previous.fill(row);
  let through = row;
  let offset = 0;
  for (let scanned = 0; ; scanned++) {
    const at = relax(state, search, { row: through, scanned, offset });
    const nearest = order[at]!;
    order[at] = order[scanned]!;
    order[scanned] = nearest;
    through = rowOf[nearest]!;
    if (through === -1) {
      settlePrices(state.price, search, scanned, distance[nearest]!);
      return nearest;
    }
    const held = through * columns + nearest;
    offset = state.cost[held]! - state.price[nearest]! - distance[nearest]!;
  }
}

/** Lowers the distance of the open columns to c_ij - v_j - offset; returns the place in `order` of the least. */
function relax(
  { columns, cost, price, rowOf }: Matching,
  { distance, previous, order }: Search,
  { row, scanned, offset }: { row: number; scanned: number; offset: number },
): number {
  const base = row * columns;
  let least = Infinity;
  let at = scanned;
  for (let k = scanned; k < columns; k++) {
    const j = order[k]!;
    const through = cost[base + j]! - price[j]! - offset;
    let here = distance[j]!;
    if (through < here) {
      here = through;
      distance[j] = through;
      previous[j] = row;
    }
    if (here < least || (here === least && rowOf[j] === -1)) {
      least = here;
      at = k;
    }
  }
  return at;
}

/** v_j -= (end - distance_j) for the scanned columns, so that the path found has reduced cost 0 everywhere. */
function settlePrices(price: Float64Array, { distance, order }: Search, scanned: number, end: number): void {
  for (let k = 0; k < scanned; k++) {
    const j = order[k]!;
    price[j] = price[j]! + (distance[j]! - end);
  }
}

/** Hands each column of the path, from its `end` back to `row`, to the row it was reached through. */
function flip({ columnOf, rowOf }: Matching, { previous }: Search, row: number, end: number): void {
  for (let column = end, owner = -1; owner !== row; ) {
    owner = previous[column]!;
    const next = columnOf[owner]!;
    rowOf[column] = owner;
    columnOf[owner] = column;
    column = next;
  }
}
