import { AdvectError } from "../engine/error.ts";
import { type Key, normal } from "../engine/random/index.ts";
import { type Distance, type Rows, rowsOfPair } from "./pair.ts";

export interface SlicedOptions {
  /** Draws the directions; the same key compares all samples along the same ones. */
  readonly key: Key;
  /** 1 or 2; 2 unless given. */
  readonly p?: 1 | 2;
  /** How many directions; 128 unless given. The value's error from them shrinks with their root. */
  readonly directions?: number;
}

/**
 * SW_p = (mean over directions theta of W_p(theta . samples, theta . reference)^p)^(1/p) with theta uniform on the
 * sphere [bonneel2015]; time grows with n log n. Throws "option".
 */
export function slicedWasserstein({ key, p = 2, directions = 128 }: SlicedOptions): Distance {
  if ((p !== 1 && p !== 2) || !Number.isSafeInteger(directions) || directions < 1) {
    throw new AdvectError("option", "slicedWasserstein", {
      expected: "p of 1 or 2 and an integer number of directions >= 1",
      got: `p ${p}, directions ${directions}`,
    });
  }
  return (pair) => {
    const { samples, reference } = rowsOfPair("slicedWasserstein", pair);
    const all = normal(key, [directions, samples.size]).data;
    let sum = 0;
    for (let k = 0; k < directions; k++) {
      const direction = unit(all.subarray(k * samples.size, (k + 1) * samples.size));
      sum += alongLine({ a: projected(samples, direction), b: projected(reference, direction) }, p);
    }
    return (sum / directions) ** (1 / p);
  };
}

function unit(direction: Float32Array): Float64Array {
  const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
  return Float64Array.from(direction, (value) => value / length);
}

/** theta . x of every row, ascending. */
function projected({ count, size, data }: Rows, direction: Float64Array): Float64Array {
  const result = new Float64Array(count);
  for (let i = 0, at = 0; i < count; i++) {
    for (let k = 0; k < size; k++) result[i]! += data[at++]! * direction[k]!;
  }
  return result.sort();
}

/** W_p^p of sorted numbers: int_0^1 |quantile of a - quantile of b|^p, whose steps are at multiples of 1 / n and 1 / m. */
function alongLine({ a, b }: { readonly a: Float64Array; readonly b: Float64Array }, p: 1 | 2): number {
  const [n, m] = [a.length, b.length];
  let sum = 0;
  for (let i = 0, j = 0, from = 0; i < n && j < m; ) {
    const [endA, endB] = [(i + 1) * m, (j + 1) * n]; // in units of 1 / (n m), so that they compare exactly
    const to = Math.min(endA, endB);
    const distance = Math.abs(a[i]! - b[j]!);
    sum += (to - from) * (p === 1 ? distance : distance * distance);
    from = to;
    if (endA === to) i++;
    if (endB === to) j++;
  }
  return sum / (n * m);
}
