import type { NdArray } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import { checkFinite, type Distance, rowsOf, rowsOfPair } from "./pair.ts";
import { squared, sumOverOthers, sumOverPairs } from "./pairwise.ts";

/**
 * The squared maximum mean discrepancy E k(x, x') + E k(y, y') - 2 E k(x, y) without pairs of a row with itself
 * [gretton2012, Lemma 6], with k(x, y) = mean over bandwidths h of exp(-|x - y|^2 / (2 h^2)): right on average, so around
 * 0, and also below, for equal distributions. Needs two rows a side. Throws "option".
 */
export function mmd({ bandwidths }: { readonly bandwidths: readonly number[] }): Distance {
  const wrong = bandwidths.some((value) => !(Number.isFinite(value) && value > 0));
  if (wrong || bandwidths.length === 0) {
    throw new AdvectError("option", "mmd", { expected: "at least one bandwidth, all > 0", got: bandwidths });
  }
  const rates = bandwidths.map((h) => -1 / (2 * h * h));
  const kernel = (square: number) => {
    let sum = 0;
    for (const rate of rates) sum += Math.exp(rate * square);
    return sum / rates.length;
  };
  return (pair) => {
    const { samples: x, reference: y } = rowsOfPair("mmd", pair, { least: 2 });
    const within = (rows: typeof x) => sumOverOthers(rows, kernel) / (rows.count * (rows.count - 1));
    return within(x) + within(y) - (2 * sumOverPairs({ a: x, b: y }, kernel)) / (x.count * y.count);
  };
}

/**
 * Bandwidths around the median distance between rows of `reference`: a quarter, a half, one, two and four times it.
 * At most 1000 rows, evenly spread, are looked at. Throws "shape" for fewer than two rows, "numerical" for values that
 * are not finite and for a median of 0.
 */
export function medianBandwidths(reference: NdArray): number[] {
  const rows = rowsOf(reference);
  if (rows.count < 2) {
    throw new AdvectError("shape", "medianBandwidths", {
      expected: "at least two rows",
      got: reference.shape,
    });
  }
  checkFinite("medianBandwidths", "reference", rows);
  const stride = Math.ceil(rows.count / 1000);
  const distances: number[] = [];
  for (let i = 0; i < rows.count; i += stride) {
    for (let j = 0; j < i; j += stride) distances.push(squared({ a: rows, b: rows }, i, j));
  }
  const sorted = Float64Array.from(distances).sort();
  const median = Math.sqrt(sorted[sorted.length >> 1]!);
  if (median > 0) return [median / 4, median / 2, median, 2 * median, 4 * median];
  throw new AdvectError("numerical", "medianBandwidths", {
    expected: "rows of which most differ",
    got: "a median distance of 0",
  });
}
