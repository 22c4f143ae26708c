import { type Distance, rowsOfPair } from "./pair.ts";
import { sumOverOthers, sumOverPairs } from "./pairwise.ts";

/**
 * 2 E|x - y| - E|x - x'| - E|y - y'| between the samples as they are [szekely2013]: not its root; >= 0, and 0
 * only for equal samples. The expectation for n and m rows of one distribution is E|x - x'| (1/n + 1/m).
 */
export const energyDistance: Distance = (pair) => energy("energyDistance", pair, 0);

/** The same without pairs of a row with itself: right on average, so around 0, and also below, for equal distributions. */
export const unbiasedEnergyDistance: Distance = (pair) => energy("unbiasedEnergyDistance", pair, 1);

/** `omitted`: how many pairs each row has less than there are rows. */
function energy(where: string, pair: Parameters<Distance>[0], omitted: 0 | 1): number {
  const { samples: x, reference: y } = rowsOfPair(where, pair, { least: 1 + omitted });
  const within = (rows: typeof x) => sumOverOthers(rows, Math.sqrt) / (rows.count * (rows.count - omitted));
  const between = sumOverPairs({ a: x, b: y }, Math.sqrt) / (x.count * y.count);
  return 2 * between - within(x) - within(y);
}
