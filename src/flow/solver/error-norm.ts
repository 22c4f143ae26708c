/**
 * The size of errors that were divided by their tolerance, `scaled` [batch, ...event] flat: one number for each group
 * of samples that share a step size. `groups(batch)` says how many groups there are.
 */
export interface ErrorNorm {
  readonly groups: (batch: number) => number;
  readonly measure: (scaled: Float64Array, batch: number) => Float64Array;
}

/** sqrt(mean e^2) over the whole batch: all samples take the same steps. */
export const wholeBatch: ErrorNorm = {
  groups: () => 1,
  measure: (scaled) => Float64Array.of(rootMeanSquare(scaled)),
};

/** sqrt(mean e^2) of each sample: no sample changes the steps of another. */
export const perSample: ErrorNorm = {
  groups: (batch) => batch,
  measure: (scaled, batch) => eachRow(scaled, batch, rootMeanSquare),
};

/**
 * For rows that end in one number of another kind, as (x, log-determinant): the larger of the root mean squares of
 * both parts, over the batch.
 */
export const twoParts: ErrorNorm = {
  groups: () => 1,
  measure: (scaled, batch) => {
    const width = scaled.length / batch;
    const [x, last] = [scaled.filter((_, i) => (i + 1) % width), scaled.filter((_, i) => !((i + 1) % width))];
    return Float64Array.of(Math.max(rootMeanSquare(x), rootMeanSquare(last)));
  },
};

/** The same for each sample. */
export const twoPartsPerSample: ErrorNorm = {
  groups: (batch) => batch,
  measure: (scaled, batch) => eachRow(scaled, batch, (row) => twoParts.measure(row, 1)[0]!),
};

function eachRow(values: Float64Array, batch: number, measure: (row: Float64Array) => number): Float64Array {
  const width = values.length / batch;
  return Float64Array.from({ length: batch }, (_, i) => measure(values.subarray(i * width, (i + 1) * width)));
}

function rootMeanSquare(values: Float64Array): number {
  let total = 0;
  for (let e = 0; e < values.length; e++) total += values[e]! * values[e]!;
  return Math.sqrt(total / Math.max(values.length, 1));
}
