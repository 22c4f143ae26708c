// AssemblyScript, compiled to kernel.wasm.ts by scripts/build-wasm.mjs. Pointers are byte offsets of float64 arrays of
// n elements in the memory of their owner; n is even. IEEE arithmetic in a fixed order.

/** Of two lanes with the least values and where they were found, the earlier place of the lesser value. */
function placeOf(least: v128, where: v128): i32 {
  const a = f64x2.extract_lane(least, 0);
  const b = f64x2.extract_lane(least, 1);
  const i = f64x2.extract_lane(where, 0);
  const j = f64x2.extract_lane(where, 1);
  return <i32>(a < b || (a === b && i < j) ? i : j);
}

/**
 * Dijkstra's search over columns, through one row more: where c_j - v_j - offset < open_j, that becomes open_j, and
 * previous_j = row. Columns done with have v_j = -Infinity and open_j = Infinity, so they stay as they are.
 * Returns the first column of least open_j; a free one (taken_j = 0, else Infinity) if one is as near.
 */
export function relax(
  cost: usize,
  price: usize,
  open: usize,
  previous: usize,
  taken: usize,
  n: i32,
  row: f64,
  offset: f64,
): i32 {
  const shift = f64x2.splat(offset);
  const rows = f64x2.splat(row);
  let least = f64x2.splat(Infinity);
  let leastFree = least;
  let where = f64x2.splat(0);
  let whereFree = where;
  let place = f64x2.replace_lane(where, 1, 1);
  const end = (<usize>n) << 3;
  for (let j: usize = 0; j < end; j += 16) {
    const through = f64x2.sub(f64x2.sub(v128.load(cost + j), v128.load(price + j)), shift);
    const before = v128.load(open + j);
    const lower = f64x2.lt(through, before);
    const now = v128.bitselect(through, before, lower);
    v128.store(open + j, now);
    v128.store(previous + j, v128.bitselect(rows, v128.load(previous + j), lower));
    const nearer = f64x2.lt(now, least);
    least = f64x2.pmin(least, now);
    where = v128.bitselect(place, where, nearer);
    const free = f64x2.add(now, v128.load(taken + j));
    const nearerFree = f64x2.lt(free, leastFree);
    leastFree = f64x2.pmin(leastFree, free);
    whereFree = v128.bitselect(place, whereFree, nearerFree);
    place = f64x2.add(place, f64x2.splat(2));
  }
  const any = min(f64x2.extract_lane(least, 0), f64x2.extract_lane(least, 1));
  const free = min(f64x2.extract_lane(leastFree, 0), f64x2.extract_lane(leastFree, 1));
  return free <= any ? placeOf(leastFree, whereFree) : placeOf(least, where);
}
