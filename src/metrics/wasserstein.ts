import { wasserstein } from "../transport/index.ts";
import { type Distance, rowsOfPair } from "./pair.ts";

/** W_1 = min over plans of E |x - y|, exactly; time grows with the cube of the rows. Biased upwards by sampling: see `dataFloor`. */
export const wasserstein1: Distance = (pair) => exact(pair, 1);

/** W_2 = sqrt(min over plans of E |x - y|^2), exactly; time grows with the cube of the rows. Biased upwards by sampling: see `dataFloor`. */
export const wasserstein2: Distance = (pair) => exact(pair, 2);

function exact(pair: Parameters<Distance>[0], p: 1 | 2): number {
  rowsOfPair(`wasserstein${p}`, pair);
  return wasserstein({ x0: pair.samples, x1: pair.reference, p });
}
