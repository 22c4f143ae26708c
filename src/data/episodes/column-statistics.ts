import { type DType, type NdArray, ndarray, sizeOf } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";

/** The share of values below each quantile. */
export const quantiles = { q01: 0.01, q10: 0.1, q50: 0.5, q90: 0.9, q99: 0.99 } as const;

export const statisticNames = ["min", "max", "mean", "std", "q01", "q10", "q50", "q90", "q99"] as const;
export type StatisticName = (typeof statisticNames)[number];

/** Of every element of a feature over frames, shaped as the feature; older files hold only some of them. */
export type FeatureStatistics = { readonly [N in StatisticName]?: NdArray<"float64"> } & {
  /** Frames. */
  readonly count?: number;
};

/** All of them: std divides by count; quantiles interpolate between the two nearest values, as numpy's do. */
export type WholeStatistics = { readonly [N in StatisticName]: NdArray<"float64"> } & {
  readonly count: number;
};

/** Of the finite values of x: [count, ...shape]; 0 where an element has none. Throws "shape" without frames. */
export function columnStatistics(x: NdArray<DType>): WholeStatistics {
  const [count = 0, ...shape] = x.shape;
  if (x.data.length === 0) {
    throw new AdvectError("shape", "columnStatistics", {
      expected: "[count, ...shape], not empty",
      got: x.shape,
    });
  }
  const size = sizeOf(shape);
  const results = Array.from({ length: size }, (_, element) => elementStatistics(x, { element, size }));
  const wrap = (name: StatisticName) =>
    ndarray(
      Float64Array.from(results, (result) => result[name]),
      shape,
      "float64",
    );
  return { count, ...fromNames(wrap) };
}

function elementStatistics(
  { data }: NdArray<DType>,
  { element, size }: { readonly element: number; readonly size: number },
): Record<StatisticName, number> {
  const all = Float64Array.from({ length: data.length / size }, (_, i) => Number(data[i * size + element]));
  const values = all.filter(Number.isFinite).sort();
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  if (values.length === 0) return fromNames(() => 0);
  const at = (part: number) => quantile(values, part);
  const { q01, q10, q50, q90, q99 } = quantiles;
  return {
    ...{ min: values[0]!, max: values.at(-1)!, mean, std: Math.sqrt(variance) },
    ...{ q01: at(q01), q10: at(q10), q50: at(q50), q90: at(q90), q99: at(q99) },
  };
}

/** Of ascending values: linear between the values at the places around part x (count - 1). */
export function quantile(values: Float64Array, part: number): number {
  const place = part * (values.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, values.length - 1);
  return values[low]! + (place - low) * (values[high]! - values[low]!);
}

function fromNames<T>(fn: (name: StatisticName) => T): Record<StatisticName, T> {
  return Object.fromEntries(statisticNames.map((name) => [name, fn(name)])) as Record<StatisticName, T>;
}

/** Statistics of both together, as LeRobot merges them: exact but for quantiles, of which the outer bound is kept. */
export function mergeStatistics(a: WholeStatistics, b: WholeStatistics): WholeStatistics {
  const count = a.count + b.count;
  const [partA, partB] = [a.count / count, b.count / count];
  const merged = (name: StatisticName, fn: (left: number, right: number, i: number) => number) =>
    ndarray(
      a[name].data.map((left, i) => fn(left, b[name].data[i]!, i)),
      a[name].shape,
      "float64",
    );
  const mean = merged("mean", (left, right) => partA * left + partB * right);
  const square = (std: number, own: number, i: number) => std ** 2 + (own - mean.data[i]!) ** 2;
  const std = merged("std", (left, right, i) => {
    const [own, other] = [a.mean.data[i]!, b.mean.data[i]!];
    return Math.sqrt(partA * square(left, own, i) + partB * square(right, other, i));
  });
  const low = (name: StatisticName) => merged(name, Math.min);
  const high = (name: StatisticName) => merged(name, Math.max);
  return {
    ...{ count, mean, std, min: low("min"), max: high("max") },
    ...{ q01: low("q01"), q10: low("q10"), q50: low("q50"), q90: high("q90"), q99: high("q99") },
  };
}
