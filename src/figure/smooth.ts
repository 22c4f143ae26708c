import type { Points } from "./marks.ts";
import type { Window } from "./points.ts";

/** Values of even cells, row after row, the first row the lowest. */
export interface Histogram {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

interface Estimation {
  readonly window: Window;
  /** Cells in each direction. */
  readonly cells: number;
  /** Standard deviation of the Gaussian, in units of the points. */
  readonly bandwidth: number;
}

/**
 * p(x) = (1 / n) sum_i N(x; x_i, bandwidth^2 I) at the middles of the cells, of points that stand for the cell they are
 * in. Points outside of the window count among the n, but do not reach into it.
 */
export function smoothed(points: Points, { window, cells, bandwidth }: Estimation): Histogram {
  const [width, height] = [window.x[1] - window.x[0], window.y[1] - window.y[0]];
  const counts = new Float64Array(cells * cells);
  const weight = (cells * cells) / (points.x.length * width * height);
  for (let i = 0; i < points.x.length; i++) {
    const column = Math.floor((cells * (points.x[i]! - window.x[0])) / width);
    const row = Math.floor((cells * (points.y[i]! - window.y[0])) / height);
    if (Math.min(column, row) < 0 || Math.max(column, row) >= cells) continue;
    counts[row * cells + column]! += weight;
  }
  const across = blurred(counts, cells, { stride: 1, deviation: (bandwidth * cells) / width });
  const values = blurred(across, cells, { stride: cells, deviation: (bandwidth * cells) / height });
  return { rows: cells, columns: cells, values };
}

/** A square of cells convolved with a Gaussian along one direction; `stride` and `deviation` in cells. */
function blurred(
  values: Float64Array,
  cells: number,
  { stride, deviation }: { readonly stride: number; readonly deviation: number },
): Float64Array {
  const reach = Math.min(cells, Math.ceil(4 * deviation));
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-(((i - reach) / deviation) ** 2) / 2),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const result = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) continue;
    const place = Math.floor(i / stride) % cells;
    for (let k = Math.max(-reach, -place); k <= Math.min(reach, cells - 1 - place); k++) {
      result[i + k * stride]! += (values[i]! * weights[k + reach]!) / sum;
    }
  }
  return result;
}
