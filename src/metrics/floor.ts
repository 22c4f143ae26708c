import type { NdArray } from "../engine/array/index.ts";
import type { Key } from "../engine/random/index.ts";
import { checkCount, disjoint, type Estimate, meanOf } from "./estimate.ts";
import type { Distance } from "./pair.ts";

export interface FloorOptions {
  readonly distance: Distance;
  /** Rows on each side: as many as in the comparison that the floor is for. */
  readonly count: number;
  readonly key: Key;
}

/**
 * What a perfect model would score: the distance between two independent draws of `count` rows of the data, its mean
 * over `repeats` (5 unless given) with a standard error. `draw` is the `sample` of a distribution. Throws "option".
 */
export function dataFloor({
  distance,
  draw,
  count,
  key,
  repeats = 5,
}: FloorOptions & {
  readonly draw: (key: Key, count: number) => NdArray;
  readonly repeats?: number;
}): Estimate {
  checkCount("dataFloor", { name: "repeats", value: repeats, least: 2, most: 1e6 });
  const values = key.split(repeats).map((child) =>
    distance({
      samples: draw(child.fold("samples"), count),
      reference: draw(child.fold("reference"), count),
    }),
  );
  return meanOf(values);
}

/**
 * The same for a finite data set: its rows, in random order, are cut into as many disjoint pairs of `count` rows as
 * there are. The standard error is NaN where they suffice for one pair. Throws "option" where for none.
 */
export function rowFloor({
  distance,
  rows,
  count,
  key,
}: FloorOptions & { readonly rows: NdArray }): Estimate {
  const total = rows.shape[0] ?? 0;
  checkCount("rowFloor", { name: "count", value: count, least: 1, most: Math.floor(total / 2) });
  const parts = disjoint(rows, { parts: Math.floor(total / count), key, size: count });
  const pairs = Array.from({ length: parts.length >> 1 }, (_, i) => ({
    samples: parts[2 * i]!,
    reference: parts[2 * i + 1]!,
  }));
  return meanOf(pairs.map(distance));
}
