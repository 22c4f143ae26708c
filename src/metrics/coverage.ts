import { AdvectError } from "../engine/error.ts";
import { type Distance, type Pair, type Rows, rowsOfPair } from "./pair.ts";
import { squared } from "./pairwise.ts";

/**
 * The part of the reference rows with a sample no farther than their k-th nearest other reference row
 * [naeem2020]: near `expectedCoverage` for equal distributions, less where samples miss modes.
 * Needs more than k reference rows. Throws "option".
 */
export function coverage({ neighbours = 5 }: { readonly neighbours?: number } = {}): Distance {
  if (!Number.isSafeInteger(neighbours) || neighbours < 1) {
    throw new AdvectError("option", "coverage", { expected: "an integer >= 1", got: neighbours });
  }
  return (pair) => {
    const { samples, reference } = rowsOfPair("coverage", pair);
    if (reference.count <= neighbours) {
      throw new AdvectError("shape", "coverage", {
        expected: `more than ${neighbours} reference rows`,
        got: pair.reference.shape,
      });
    }
    let covered = 0;
    for (let i = 0; i < reference.count; i++) {
      const radius = smallest(neighbours, reference, { rows: reference, row: i, itself: false });
      const nearest = smallest(1, samples, { rows: reference, row: i, itself: true });
      if (nearest <= radius) covered++;
    }
    return covered / reference.count;
  };
}

/**
 * What `coverage` is on average for n samples and m reference rows of one continuous distribution:
 * 1 - (m-1) … (m-k) / ((n+m-1) … (n+m-k)) [naeem2020].
 */
export function expectedCoverage({
  samples,
  reference,
  neighbours = 5,
}: {
  readonly samples: number;
  readonly reference: number;
  readonly neighbours?: number;
}): number {
  let missed = 1;
  for (let k = 1; k <= neighbours; k++) missed *= (reference - k) / (samples + reference - k);
  return 1 - missed;
}

/** The distance of each sample to the nearest reference row, [n]: a generated image that repeats a training image has 0. */
export function nearestDistances(pair: Pair): Float64Array {
  const { samples, reference } = rowsOfPair("nearestDistances", pair);
  return Float64Array.from({ length: samples.count }, (_, row) =>
    Math.sqrt(smallest(1, reference, { rows: samples, row, itself: true })),
  );
}

interface Place {
  readonly rows: Rows;
  readonly row: number;
  /** Whether the row at the same place of the others counts: not where they are the same rows. */
  readonly itself: boolean;
}

/** The k-th smallest squared distance from a place to the rows of `others`. */
function smallest(k: number, others: Rows, { rows, row, itself }: Place): number {
  const best = new Float64Array(k).fill(Infinity);
  for (let j = 0; j < others.count; j++) {
    if (!itself && j === row) continue;
    const distance = squared({ a: rows, b: others }, row, j);
    let at = k - 1;
    if (distance >= best[at]!) continue;
    for (; at > 0 && best[at - 1]! > distance; at--) best[at] = best[at - 1]!;
    best[at] = distance;
  }
  return best[k - 1]!;
}
