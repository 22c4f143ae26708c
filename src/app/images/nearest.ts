import { type NdArray, sizeOf } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";

export interface Nearest {
  /** Row of `among`, the first of several equally near. */
  readonly index: Int32Array;
  /** Euclidean. */
  readonly distance: Float64Array;
}

/** For each of `rows` [n, ...shape] the nearest of `among` [m, ...shape], m >= 1. Throws "shape". */
export function nearestRows({ rows, among }: { readonly rows: NdArray; readonly among: NdArray }): Nearest {
  const size = sizeOf(rows.shape.slice(1));
  const [count = 0] = rows.shape;
  const [others = 0] = among.shape;
  if (others === 0 || size !== sizeOf(among.shape.slice(1))) {
    throw new AdvectError("shape", "nearestRows", {
      expected: `at least one row of shape [${rows.shape.slice(1)}] to search`,
      got: among.shape,
    });
  }
  const index = new Int32Array(count);
  const distance = new Float64Array(count);
  const candidates = among.data;
  for (let i = 0; i < count; i++) {
    const row = Float64Array.from(rows.data.subarray(i * size, (i + 1) * size));
    let best = Number.POSITIVE_INFINITY;
    for (let j = 0; j < others; j++) {
      const found = squaredBelow(best, { row, candidates, from: j * size });
      if (found >= best) continue;
      best = found;
      index[i] = j;
    }
    distance[i] = Math.sqrt(best);
  }
  return { index, distance };
}

const stretch = 16;

/** |row - candidate|^2, or some number that is not below `limit` if that is not: most sums need not be finished. */
function squaredBelow(
  limit: number,
  { row, candidates, from }: { row: Float64Array; candidates: NdArray["data"]; from: number },
): number {
  let sum = 0;
  for (let start = 0; start < row.length && sum < limit; start += stretch) {
    const end = Math.min(start + stretch, row.length);
    for (let k = start; k < end; k++) {
      const difference = row[k]! - candidates[from + k]!;
      sum += difference * difference;
    }
  }
  return sum;
}
