import { type NdArray, sizeOf } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";

/** What to compare: samples [n, ...shape] with reference [m, ...shape], rows independent. */
export interface Pair {
  readonly samples: NdArray;
  readonly reference: NdArray;
}

/** A number that says how far samples are from a reference. Throws "shape", and "numerical" unless all values are finite. */
export type Distance = (pair: Pair) => number;

/** The rows of an array, in float64. */
export interface Rows {
  readonly count: number;
  readonly size: number;
  readonly data: Float64Array;
}

/** Both sides as rows of one size. Throws "shape" unless both have at least `least` rows, "numerical" unless finite. */
export function rowsOfPair(
  where: string,
  { samples, reference }: Pair,
  { least = 1 } = {},
): { samples: Rows; reference: Rows } {
  const [a, b] = [rowsOf(samples), rowsOf(reference)];
  if (a.size !== b.size || a.size === 0 || Math.min(a.count, b.count) < least) {
    throw new AdvectError("shape", where, {
      expected: `samples and reference of shape [rows, ...shape], one shape, at least ${least} rows`,
      got: `[${samples.shape}] and [${reference.shape}]`,
    });
  }
  checkFinite(where, "samples", a);
  checkFinite(where, "reference", b);
  return { samples: a, reference: b };
}

export function rowsOf(array: NdArray): Rows {
  const [count = 0, ...shape] = array.shape;
  return { count, size: sizeOf(shape), data: Float64Array.from(array.data) };
}

export function checkFinite(
  where: string,
  name: string,
  { data }: { readonly data: ArrayLike<number> },
): void {
  const at = Array.prototype.findIndex.call(data, (value: number) => !Number.isFinite(value));
  if (at === -1) return;
  const got = `${data[at]} at element ${at}`;
  throw new AdvectError("numerical", where, { expected: `finite ${name}`, got });
}
