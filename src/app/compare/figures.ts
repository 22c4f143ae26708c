import { type NdArray, ndarray, takeRows } from "../../engine/array/index.ts";
import {
  type Figure,
  qualityFigure,
  samplesFigure,
  trajectoriesFigure,
  type Window,
} from "../../figure/index.ts";
import type { Comparison } from "./compare.ts";
import { type ComparisonRow, floorName } from "./row.ts";
import { methodsOf } from "./tables.ts";

/** Points in a panel of samples, and ways in one of trajectories. */
const [dotCount, wayCount] = [400, 80];

/** Pictures by name: quality against calls, samples of each method with each number of calls, trajectories. */
export function comparisonFigures(comparison: Comparison): Readonly<Record<string, Figure>> {
  const window = windowAround(comparison.pictures.reference);
  return {
    quality: curves(comparison, {
      metric: "W2 to the data",
      values: ({ w2 }) => w2,
      errors: ({ w2StdErr }) => w2StdErr,
    }),
    energy: curves(comparison, {
      metric: "energy distance to the data",
      values: ({ energyDistance }) => energyDistance,
      errors: ({ energyDistanceStdErr }) => energyDistanceStdErr,
    }),
    samples: sampleGrid(comparison, window),
    trajectories: ways(comparison, window),
  };
}

interface Reading {
  readonly metric: string;
  readonly values: (row: ComparisonRow) => number;
  readonly errors: (row: ComparisonRow) => number;
}

function curves({ data, rows }: Comparison, { metric, values, errors }: Reading): Figure {
  const floor = rows.find(({ method }) => method === floorName);
  return qualityFigure({
    title: data,
    metric,
    methods: methodsOf(rows).map((name) => {
      const own = rows.filter(({ method }) => method === name);
      return { name, nfe: own.map(({ nfe }) => nfe), values: own.map(values), stdErrors: own.map(errors) };
    }),
    ...(floor && { floor: { name: "other data", value: values(floor) } }),
  });
}

/** A method in each row, a number of calls in each column. */
function sampleGrid({ data, rows, budget, pictures }: Comparison, window: Window): Figure {
  const panels = methodsOf(rows).flatMap((name, color) =>
    budget.nfe.map((nfe) => ({
      title: `${name}, ${nfe}`,
      points: first(pictures.methods[name]!.samples[nfe]!, dotCount),
      color,
    })),
  );
  const known = { title: "data", points: first(pictures.reference, dotCount), color: "muted" as const };
  const columns = budget.nfe.length;
  return samplesFigure({ title: `${data}: method, calls`, panels: [...panels, known], columns, window });
}

function ways({ data, rows, budget, pictures }: Comparison, window: Window): Figure {
  const panels = methodsOf(rows).map((name) => ({
    title: name,
    trajectory: firstOfEach(pictures.methods[name]!.trajectory, wayCount),
  }));
  const title = `${data}: from noise to samples in ${budget.fine} calls`;
  return trajectoriesFigure({ title, panels, columns: 4, window });
}

const first = (x: NdArray, count: number): NdArray =>
  takeRows(
    x,
    Int32Array.from({ length: Math.min(count, x.shape[0]!) }, (_, i) => i),
  );

/** The first rows at every time: [times, rows, 2]. */
function firstOfEach({ data, shape }: NdArray, most: number): NdArray {
  const [times, count] = shape as [number, number, number];
  const kept = Math.min(most, count);
  const parts = new Float32Array(times * kept * 2);
  for (let i = 0; i < times; i++) {
    parts.set(data.subarray(2 * i * count, 2 * (i * count + kept)) as Float32Array, 2 * i * kept);
  }
  return ndarray(parts, [times, kept, 2]);
}

/** A square around the data, and a little more: samples with few calls may lie outside. */
function windowAround({ data }: NdArray): Window {
  const half = 1.2 * (data as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { x: [-half, half], y: [-half, half] };
}
