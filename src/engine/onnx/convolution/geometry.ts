import { ndarray, type Shape } from "../../array/index.ts";
import { constant, type Tensor, type Window } from "../../tensor/index.ts";

/** Spatial lengths on both sides of a convolution, for one batch. */
export interface Geometry {
  readonly batch: number;
  /** Of the convolution's input. */
  readonly input: readonly number[];
  /** Of its output. */
  readonly output: readonly number[];
  readonly kernel: readonly number[];
  readonly window: Window;
}

/** The geometry between x [batch, ...spatial, channels] and y [batch, ...spatial', outputs] with w [outputs, ...kernel, channels]. */
export function geometryOf(
  shapes: { readonly x: Shape; readonly w: Shape; readonly y: Shape },
  window: Window,
): Geometry {
  const { x, w, y } = shapes;
  return { batch: x[0]!, input: x.slice(1, -1), output: y.slice(1, -1), kernel: w.slice(1, -1), window };
}

/** All coordinates below the lengths, row-major. */
export function places(lengths: readonly number[]): number[][] {
  return lengths.reduce<number[][]>(
    (found, length) => found.flatMap((place) => Array.from({ length }, (_, i) => [...place, i])),
    [[]],
  );
}

/** The row of a coordinate in an array of the given lengths, or -1 outside of it. */
function rowOf(place: readonly number[], lengths: readonly number[]): number {
  let row = 0;
  for (let axis = 0; axis < lengths.length; axis++) {
    const position = place[axis]!;
    if (!Number.isInteger(position) || position < 0 || position >= lengths[axis]!) return -1;
    row = row * lengths[axis]! + position;
  }
  return row;
}

const product = (lengths: readonly number[]) => lengths.reduce((a, b) => a * b, 1);

/** Rows to fetch: [batch * places, taps], from an array of `batch * lengths` rows followed by one row of zeros. */
export interface RowRequest {
  readonly batch: number;
  readonly lengths: readonly number[];
  readonly places: readonly (readonly number[])[];
  readonly taps: readonly (readonly number[])[];
  /** Where a tap of a place lies, in the lengths' coordinates; outside means zeros. */
  readonly source: (place: readonly number[], tap: readonly number[]) => readonly number[];
}

export function rows(request: RowRequest): Int32Array {
  const { batch, lengths, taps } = request;
  const size = product(lengths);
  const one = request.places.flatMap((place) =>
    taps.map((tap) => rowOf(request.source(place, tap), lengths)),
  );
  const all = new Int32Array(batch * one.length);
  for (let n = 0; n < batch; n++) {
    one.forEach((row, i) => {
      all[n * one.length + i] = row < 0 ? batch * size : n * size + row;
    });
  }
  return all;
}

/** Index literals by what they mean, so that equal gathers are one node. */
export type IndexCache = Map<string, Tensor>;

/** The indices called `key` as a constant [count, width]. */
export function indices(
  cache: IndexCache,
  key: string,
  compute: () => { data: Int32Array; width: number },
): Tensor {
  const known = cache.get(key);
  if (known) return known;
  const { data, width } = compute();
  const made = constant(ndarray(data, [data.length / width, width], "int32"));
  cache.set(key, made);
  return made;
}
