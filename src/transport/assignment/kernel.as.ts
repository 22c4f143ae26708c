// AssemblyScript, compiled to kernel.wasm.ts by scripts/build-wasm.mjs. Linear assignment after Jonker and Volgenant in
// the memory of the owner: rows of `width` float64 costs, width a multiple of 4, padded with Infinity; vectors of one
// element for each column (prices padded with 0) or row. Pointers are bytes. IEEE arithmetic in a fixed order.
//
// Between the phases every matched row i has its column among the cheapest of c_ij - v_j; in a problem with more columns
// than rows, unmatched columns cost v_j = 0 and matched ones v_j <= 0. Prices only fall, so a matched row stays content.

const none: i32 = -1;

// What `scan` found.
let first: i32 = 0;
let least: f64 = 0;
let next: f64 = 0;

function get(vector: usize, i: i32): f64 {
  return load<f64>(vector + ((<usize>i) << 3));
}

function set(vector: usize, i: i32, value: f64): void {
  store<f64>(vector + ((<usize>i) << 3), value);
}

function getIndex(vector: usize, i: i32): i32 {
  return load<i32>(vector + ((<usize>i) << 2));
}

function setIndex(vector: usize, i: i32, value: i32): void {
  store<i32>(vector + ((<usize>i) << 2), value);
}

/** Takes one lane's least, second least and place into what was found; of equals the earlier place. */
function take(low: f64, second: f64, place: i32): void {
  if (low < least || (low === least && place < first)) {
    next = min(least, second);
    least = low;
    first = place;
  } else {
    next = min(next, low);
  }
}

/** The first column of the least c_ij - v_j of a row, and the least and second least. */
function scan(cost: usize, price: usize, width: i32): void {
  let least0 = f64x2.splat(Infinity);
  let least1 = least0;
  let next0 = least0;
  let next1 = least0;
  let where0 = f64x2.splat(0);
  let where1 = where0;
  let place0 = f64x2.replace_lane(where0, 1, 1);
  let place1 = f64x2.add(place0, f64x2.splat(2));
  const end = (<usize>width) << 3;
  for (let j: usize = 0; j < end; j += 32) {
    const a = f64x2.sub(v128.load(cost + j), v128.load(price + j));
    const b = f64x2.sub(v128.load(cost + j, 16), v128.load(price + j, 16));
    where0 = v128.bitselect(place0, where0, f64x2.lt(a, least0));
    where1 = v128.bitselect(place1, where1, f64x2.lt(b, least1));
    next0 = f64x2.pmin(next0, f64x2.pmax(least0, a));
    next1 = f64x2.pmin(next1, f64x2.pmax(least1, b));
    least0 = f64x2.pmin(least0, a);
    least1 = f64x2.pmin(least1, b);
    place0 = f64x2.add(place0, f64x2.splat(4));
    place1 = f64x2.add(place1, f64x2.splat(4));
  }
  least = Infinity;
  next = Infinity;
  first = 0;
  take(f64x2.extract_lane(least0, 0), f64x2.extract_lane(next0, 0), <i32>f64x2.extract_lane(where0, 0));
  take(f64x2.extract_lane(least0, 1), f64x2.extract_lane(next0, 1), <i32>f64x2.extract_lane(where0, 1));
  take(f64x2.extract_lane(least1, 0), f64x2.extract_lane(next1, 0), <i32>f64x2.extract_lane(where1, 0));
  take(f64x2.extract_lane(least1, 1), f64x2.extract_lane(next1, 1), <i32>f64x2.extract_lane(where1, 1));
}

/** The first column but `first` where c_ij - v_j = next; -1 in a single column. */
function runnerUp(cost: usize, price: usize, columns: i32): i32 {
  for (let j = 0; j < columns; j++) if (j !== first && get(cost, j) - get(price, j) === next) return j;
  return none;
}

/** Square problems: v_j = min_i c_ij; each column takes a row where it attains that, if no column took it before. */
export function reduceColumns(
  cost: usize,
  price: usize,
  cheapest: usize,
  columnOf: usize,
  rowOf: usize,
  n: i32,
  width: i32,
): void {
  const stride = (<usize>width) << 3;
  for (let j: usize = 0; j < stride; j += 16) {
    let low = v128.load(cost + j);
    let where = f64x2.splat(0);
    for (let i = 1, at = cost + j + stride; i < n; i++, at += stride) {
      const value = v128.load(at);
      where = v128.bitselect(f64x2.splat(<f64>i), where, f64x2.lt(value, low));
      low = f64x2.pmin(low, value);
    }
    v128.store(price + j, low);
    v128.store(cheapest + j, where);
  }
  for (let j = width - 1; j >= n; j--) set(price, j, 0);
  for (let j = n - 1; j >= 0; j--) {
    const row = <i32>get(cheapest, j);
    if (getIndex(columnOf, row) !== none) continue;
    setIndex(columnOf, row, j);
    setIndex(rowOf, j, row);
  }
}

/**
 * Augmenting row reduction: each free row bids for its cheapest column j, lowering v_j until the second cheapest is
 * as good, and frees the row that held it. A displaced row bids at once where the price fell, else in the next round.
 * `free` lists the rows, the first to bid last; those still free are left there, and counted. Bids are bounded, since
 * rounding could let two rows underbid each other forever.
 */
export function reduceRows(
  cost: usize,
  price: usize,
  columnOf: usize,
  rowOf: usize,
  free: usize,
  left: usize,
  count: i32,
  rows: i32,
  columns: i32,
  width: i32,
): i32 {
  let leftCount = 0;
  for (let bids = 0; count > 0; bids++) {
    const row = getIndex(free, --count);
    if (bids > 4 * rows) {
      setIndex(left, leftCount++, row);
      continue;
    }
    const costs = cost + ((<usize>(row * width)) << 3);
    scan(costs, price, width);
    const before = get(price, first);
    const after = next === Infinity ? before : before - (next - least);
    set(price, first, after);
    const fell = after < before;
    const second = !fell && getIndex(rowOf, first) !== none ? runnerUp(costs, price, columns) : none;
    const column = second === none ? first : second;
    const displaced = getIndex(rowOf, column);
    setIndex(columnOf, row, column);
    setIndex(rowOf, column, row);
    if (displaced === none) continue;
    setIndex(columnOf, displaced, none);
    if (fell) setIndex(free, count++, displaced);
    else setIndex(left, leftCount++, displaced);
  }
  for (let i = 0; i < leftCount; i++) setIndex(free, leftCount - 1 - i, getIndex(left, i));
  return leftCount;
}

/**
 * Dijkstra's search over columns, through one row more: where c_j - v_j - offset < open_j, that becomes open_j, and
 * previous_j = row. Columns done with have v_j = -Infinity and open_j = Infinity, so they stay as they are.
 * Returns the first column of least open_j.
 */
function relax(
  cost: usize,
  price: usize,
  open: usize,
  previous: usize,
  width: i32,
  row: i32,
  offset: f64,
): i32 {
  const shift = f64x2.splat(offset);
  const rows = f64x2.splat(<f64>row);
  let least0 = f64x2.splat(Infinity);
  let least1 = least0;
  const end = (<usize>width) << 3;
  for (let j: usize = 0; j < end; j += 32) {
    const through0 = f64x2.sub(f64x2.sub(v128.load(cost + j), v128.load(price + j)), shift);
    const through1 = f64x2.sub(f64x2.sub(v128.load(cost + j, 16), v128.load(price + j, 16)), shift);
    const before0 = v128.load(open + j);
    const before1 = v128.load(open + j, 16);
    const lower0 = f64x2.lt(through0, before0);
    const lower1 = f64x2.lt(through1, before1);
    const now0 = f64x2.pmin(before0, through0);
    const now1 = f64x2.pmin(before1, through1);
    if (v128.any_true(v128.or(lower0, lower1))) {
      v128.store(previous + j, v128.bitselect(rows, v128.load(previous + j), lower0));
      v128.store(previous + j, v128.bitselect(rows, v128.load(previous + j, 16), lower1), 16);
      v128.store(open + j, now0);
      v128.store(open + j, now1, 16);
    }
    least0 = f64x2.pmin(least0, now0);
    least1 = f64x2.pmin(least1, now1);
  }
  const lows = f64x2.pmin(least0, least1);
  least = min(f64x2.extract_lane(lows, 0), f64x2.extract_lane(lows, 1));
  return firstOf(open, width, least);
}

/** The first column where open_j is `value`, which is there. */
function firstOf(open: usize, width: i32, value: f64): i32 {
  const wanted = f64x2.splat(value);
  const end = (<usize>width) << 3;
  let j: usize = 0;
  while (j < end) {
    const found0 = f64x2.eq(v128.load(open + j), wanted);
    const found1 = f64x2.eq(v128.load(open + j, 16), wanted);
    if (v128.any_true(v128.or(found0, found1))) break;
    j += 32;
  }
  let column = <i32>(j >> 3);
  while (get(open, column) !== value) column++;
  return column;
}

/** Matches the row by a shortest augmenting path from it, and lowers the prices along its tree. */
export function augment(
  cost: usize,
  price: usize,
  masked: usize,
  open: usize,
  previous: usize,
  distance: usize,
  done: usize,
  columnOf: usize,
  rowOf: usize,
  row: i32,
  width: i32,
): void {
  memory.copy(masked, price, (<usize>width) << 3);
  for (let j = 0; j < width; j++) set(open, j, Infinity);
  let through = row;
  let offset: f64 = 0;
  let count = 0;
  for (;;) {
    const costs = cost + ((<usize>(through * width)) << 3);
    const nearest = relax(costs, masked, open, previous, width, through, offset);
    const here = least;
    through = getIndex(rowOf, nearest);
    if (through === none) {
      settle(price, distance, done, count, here);
      flip(previous, columnOf, rowOf, row, nearest);
      return;
    }
    setIndex(done, count, nearest);
    set(distance, count++, here);
    offset = get(cost + ((<usize>(through * width)) << 3), nearest) - get(masked, nearest) - here;
    set(open, nearest, Infinity);
    set(masked, nearest, -Infinity);
  }
}

/** v_j -= end - distance_j for the columns done with, so that the path found has reduced cost 0 everywhere. */
function settle(price: usize, distance: usize, done: usize, count: i32, end: f64): void {
  for (let k = 0; k < count; k++) {
    const j = getIndex(done, k);
    set(price, j, get(price, j) + (get(distance, k) - end));
  }
}

/** Hands each column of the path, from its `end` back to `row`, to the row it was reached through. */
function flip(previous: usize, columnOf: usize, rowOf: usize, row: i32, end: i32): void {
  let column = end;
  let owner = none;
  while (owner !== row) {
    owner = <i32>get(previous, column);
    const following = getIndex(columnOf, owner);
    setIndex(rowOf, column, owner);
    setIndex(columnOf, owner, column);
    column = following;
  }
}
