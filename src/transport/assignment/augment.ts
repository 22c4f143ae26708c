import { type Search, searchOf } from "./search.ts";
import type { Matching } from "./state.ts";

/** Matches every row of `free` by a shortest augmenting path from it, and updates the prices along its tree. */
export function augment(state: Matching, free: readonly number[]): void {
  if (free.length === 0) return;
  const search = searchOf(state);
  for (const row of free) flip(state, search, row, shortestPath(state, search, row));
}

/**
 * Dijkstra over reduced costs from `row` to the nearest column without a row, which it returns. Each pass goes through
 * one row more: that of the nearest column so far.
 */
function shortestPath(state: Matching, search: Search, row: number): number {
  const { price, open, distance, done, taken } = search;
  price.set(state.price);
  open.fill(Infinity);
  let through = row;
  let offset = 0;
  for (let count = 0; ; count++) {
    const nearest = search.relax(through, offset);
    const here = open[nearest]!;
    through = state.rowOf[nearest]!;
    if (through === -1) {
      settlePrices(state.price, search, count, here);
      taken[nearest] = Infinity;
      return nearest;
    }
    done[count] = nearest;
    distance[nearest] = here;
    offset = state.cost[through * state.columns + nearest]! - price[nearest]! - here;
    open[nearest] = Infinity;
    price[nearest] = -Infinity;
  }
}

/** v_j -= end - distance_j for the columns done with, so that the path found has reduced cost 0 everywhere. */
function settlePrices(price: Float64Array, { distance, done }: Search, count: number, end: number): void {
  for (let k = 0; k < count; k++) {
    const j = done[k]!;
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
