import { type NdArray, takeRows } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import { integers, type Key, permutation } from "../engine/random/index.ts";
import type { Distance, Pair } from "./pair.ts";

/** A number and how far chance may have moved it: its standard error. */
export interface Estimate {
  readonly value: number;
  readonly stdError: number;
}

/** The mean of independent values and its standard error s / sqrt(n); of a single value, NaN. Throws "shape" for none. */
export function meanOf(values: ArrayLike<number>): Estimate {
  const count = values.length;
  if (count === 0) throw new AdvectError("shape", "meanOf", { expected: "at least one value", got: 0 });
  const value = Float64Array.from(values).reduce((sum, x) => sum + x, 0) / count;
  const squares = Float64Array.from(values, (x) => (x - value) ** 2).reduce((sum, x) => sum + x, 0);
  return { value, stdError: Math.sqrt(squares / (count - 1) / count) };
}

export interface EstimateOptions {
  readonly distance: Distance;
  readonly pair: Pair;
  readonly key: Key;
}

/**
 * The distance of all rows, with a standard error from `parts` disjoint random parts of both sides, 8 unless given: the
 * standard deviation between them, which a distance of all rows has 1 / sqrt(parts) of. Too large rather than too small
 * where the distance is close to its floor. Throws "option" unless every part has two rows, and what `distance` throws.
 */
export function estimate({
  distance,
  pair,
  key,
  parts = 8,
}: EstimateOptions & { readonly parts?: number }): Estimate {
  const fewest = Math.min(pair.samples.shape[0] ?? 0, pair.reference.shape[0] ?? 0);
  checkCount("estimate", { name: "parts", value: parts, least: 2, most: Math.floor(fewest / 2) });
  const cut = (rows: NdArray, from: Key) =>
    disjoint(rows, { parts, size: Math.floor(rows.shape[0]! / parts), key: from });
  const samples = cut(pair.samples, key.fold("samples"));
  const reference = cut(pair.reference, key.fold("reference"));
  const values = samples.map((part, i) => distance({ samples: part, reference: reference[i]! }));
  return { value: distance(pair), stdError: meanOf(values).stdError };
}

/**
 * The distance of all rows, with a standard error from `resamples` draws of as many rows with replacement, 50 unless
 * given [efron1979]. For averages over pairs; not for `wasserstein2` and `coverage`, which repeated rows mislead.
 * Throws "option", and what `distance` throws.
 */
export function bootstrap({
  distance,
  pair,
  key,
  resamples = 50,
}: EstimateOptions & { readonly resamples?: number }): Estimate {
  checkCount("bootstrap", { name: "resamples", value: resamples, least: 2, most: 1e6 });
  const again = (array: NdArray, from: Key) => {
    const count = array.shape[0] ?? 0;
    return takeRows(array, integers(from, [count], { high: count }).data);
  };
  const value = distance(pair); // first: it checks the shapes
  const values = key.split(resamples).map((child) =>
    distance({
      samples: again(pair.samples, child.fold("samples")),
      reference: again(pair.reference, child.fold("reference")),
    }),
  );
  return { value, stdError: meanOf(values).stdError * Math.sqrt(resamples) };
}

/** `parts` times `size` different rows of an array, in random order. */
export function disjoint(
  array: NdArray,
  { parts, size, key }: { readonly parts: number; readonly size: number; readonly key: Key },
): NdArray[] {
  const order = permutation(key, array.shape[0]!).data;
  return Array.from({ length: parts }, (_, i) => takeRows(array, order.subarray(i * size, (i + 1) * size)));
}

/** Throws "option" unless `value` is an integer from `least` to `most`. */
export function checkCount(
  where: string,
  {
    name,
    value,
    least,
    most,
  }: { readonly name: string; readonly value: number; readonly least: number; readonly most: number },
): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new AdvectError("option", where, { expected: `${name} from ${least} to ${most}`, got: value });
}
