import { type NdArray, ndarray, permuteAxes, takeRows } from "../../engine/array/index.ts";
import { type Key, key } from "../../engine/random/index.ts";
import {
  densityFigure,
  type Figure,
  fieldFigure,
  gridPoints,
  imageGrid,
  lossFigure,
  samplesFigure,
  trajectoriesFigure,
  type Window,
} from "../../figure/index.ts";
import type { LogEntry } from "../../train/index.ts";
import { compiledField } from "../build/compiled.ts";
import type { Data } from "../build/data.ts";
import { affineOf } from "../build/units.ts";
import type { LoadedRun } from "./load.ts";
import type { RunSamples } from "./sample.ts";

/** Pictures by name, to be drawn as SVG and PNG. */
export type Figures = Readonly<Record<string, Figure>>;

/** Losses over the steps, those of validation beside those of training. */
export function lossFigures(log: readonly LogEntry[]): Figures {
  const runOf = (name: "loss" | "validation", title: string) => {
    const entries = log.filter((entry) => typeof entry[name] === "number");
    return {
      name: title,
      steps: entries.map(({ step }) => step),
      losses: entries.map((entry) => entry[name] as number),
    };
  };
  const validation = runOf("validation", "validation");
  const runs = [runOf("loss", "training"), ...(validation.losses.length > 0 ? [validation] : [])];
  return { loss: lossFigure({ title: "Loss", runs, smoothing: 0.8 }) };
}

/** What samples of a run look like, beside its data where they can be read. */
export async function sampleFigures(run: LoadedRun, samples: RunSamples, data?: Data): Promise<Figures> {
  if (run.recipe.kind === "images") return imageFigures(run, samples, data);
  const columns = run.sizes.shape.reduce((a, b) => a * b, 1);
  return columns === 2 ? planeFigures(run, samples, data) : columnFigures(run, samples, data);
}

const fieldTimes = [0, 0.25, 0.5, 0.75, 0.95];

async function planeFigures(run: LoadedRun, samples: RunSamples, data?: Data): Promise<Figures> {
  const { recipe } = run;
  const known = data && dataPoints(run, data, samples.samples.shape[0]!);
  const title = recipe.name;
  const window = windowOf([samples.samples, ...(known ? [known] : []), samples.x0]);
  const pair = [
    ...(known ? [{ title: "data", points: known, color: 1 }] : []),
    { title: "samples", points: samples.samples },
  ];
  const jumps = recipe.sampling.solver.kind === "jump";
  return {
    samples: samplesFigure({ title, panels: pair, window }),
    density: densityFigure({ title: `${title}: density`, panels: pair, window }),
    ...(samples.trajectory && {
      trajectories: trajectoriesFigure({
        title: `${title}: ${samples.times.length - 1} steps`,
        panels: [{ title: `${recipe.sampling.solver.kind}`, trajectory: plane(samples.trajectory) }],
      }),
    }),
    ...(!jumps && { field: await fieldAt(run, samples, window) }),
  };
}

/** The velocity at several times, in the units of the data. */
async function fieldAt(run: LoadedRun, { labels, vector }: RunSamples, window: Window): Promise<Figure> {
  const { units, sizes } = run;
  const points = gridPoints(window, 17);
  const count = points.shape[0]!;
  const repeated = <A extends NdArray>(rows: A) =>
    ({ ...rows, shape: [count, ...rows.shape.slice(1)], data: repeatFirst(rows, count) }) as A;
  const told = { ...(labels && { labels: repeated(labels) }), ...(vector && { vector: repeated(vector) }) };
  const x = { ...units.apply(points), shape: [count, ...sizes.shape] } as NdArray<"float32">;
  const { scale } = affineOf(units, sizes.shape);
  using field = compiledField(run.plan, { params: run.params, x0: x, told }, "velocity");
  const panels = [];
  for (const time of fieldTimes) {
    const v = await field.at(x, ndarray(new Float32Array(count).fill(time), [count]));
    const velocity = Float32Array.from(v.data as Float32Array, (value, i) => value * scale.data[i % 2]!);
    panels.push({ title: `t = ${time}`, points, velocity: ndarray(velocity, [count, 2]) });
  }
  return fieldFigure({ title: `${run.recipe.name}: velocity`, panels, window });
}

function repeatFirst({ data, shape }: NdArray, count: number): NdArray["data"] {
  const width = data.length / shape[0]!;
  const first = data.subarray(0, width);
  const result = new (data.constructor as Float32ArrayConstructor)(count * width);
  for (let i = 0; i < count; i++) result.set(first, i * width);
  return result;
}

/** The first two columns of data in more dimensions. */
function columnFigures(run: LoadedRun, samples: RunSamples, data?: Data): Figures {
  const columns = samples.samples.data.length / samples.samples.shape[0]!;
  if (columns < 2) return {};
  const known = data && dataPoints(run, data, samples.samples.shape[0]!);
  const panels = [
    ...(known ? [{ title: "data", points: firstTwo(known), color: 1 }] : []),
    { title: "samples", points: firstTwo(samples.samples) },
  ];
  return { samples: samplesFigure({ title: `${run.recipe.name}: columns 0 and 1`, panels }) };
}

function firstTwo({ shape, data }: NdArray): NdArray<"float32"> {
  const [count] = shape as [number];
  const width = data.length / count;
  return ndarray(
    Float32Array.from({ length: 2 * count }, (_, i) => data[Math.floor(i / 2) * width + (i % 2)]!),
    [count, 2],
  );
}

const mostImages = 100;

/** One class to a column, where there are classes. */
function imageFigures({ recipe, sizes }: LoadedRun, { samples }: RunSamples, data?: Data): Figures {
  const columns = sizes.classes > 1 ? sizes.classes : 10;
  const count = Math.min(mostImages, samples.shape[0]!);
  const shown = takeRows(
    samples,
    Int32Array.from({ length: count }, (_, i) => i),
  );
  const grid = (images: NdArray, title: string) =>
    imageGrid({ title, images: channelsLast(images), columns, range: [-1, 1] });
  return {
    samples: grid(shown, `${recipe.name}: samples`),
    ...(data && "rows" in data.from && { data: grid(inClasses(data, count), `${recipe.name}: data`) }),
  };
}

const channelsLast = (images: NdArray) => permuteAxes(images, [0, 2, 3, 1]);

/** Images of class 0, 1 … one after the other, as samples are. */
function inClasses({ from, sizes }: Data, count: number): NdArray {
  const { x1, labels } = (from as { rows: { x1: NdArray<"float32">; labels?: NdArray<"int32"> } }).rows;
  const byClass = Array.from({ length: Math.max(1, sizes.classes) }, (): number[] => []);
  for (let i = 0; i < x1.shape[0]!; i++) byClass[labels?.data[i] ?? 0]!.push(i);
  const width = x1.data.length / x1.shape[0]!;
  const used = byClass.filter((rows) => rows.length > 0);
  const result = new Float32Array(count * width);
  for (let i = 0; i < count; i++) {
    const rows = used[i % used.length]!;
    const row = rows[Math.floor(i / used.length) % rows.length]!;
    result.set(x1.data.subarray(row * width, (row + 1) * width), i * width);
  }
  return ndarray(result, [count, ...x1.shape.slice(1)]);
}

/** As many points of the data, in its own units. */
export function dataPoints(
  { units, recipe }: Pick<LoadedRun, "units" | "recipe">,
  data: Data,
  count: number,
): NdArray {
  const own: Key = key(recipe.seed).fold("shown");
  if ("draw" in data.from) return units.invert(data.from.draw(own, count));
  const { x1 } = data.from.rows;
  const rows = Math.min(count, x1.shape[0]!);
  const width = x1.data.length / x1.shape[0]!;
  return units.invert(ndarray(x1.data.subarray(0, rows * width), [rows, ...x1.shape.slice(1)]));
}

const plane = (x: NdArray): NdArray => ({ ...x, shape: [x.shape[0]!, x.shape[1]!, 2] }) as NdArray;

/** A square around nearly all of the points. */
function windowOf(clouds: readonly NdArray[]): Window {
  const far = clouds.flatMap(({ data }) => Array.from(data, Math.abs)).filter(Number.isFinite);
  far.sort((a, b) => a - b);
  const half = 1.1 * (far[Math.floor(0.995 * (far.length - 1))] ?? 1) || 1;
  return { x: [-half, half], y: [-half, half] };
}
