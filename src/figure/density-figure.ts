import type { NdArray } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import type { Figure, FigureOptions, Mark } from "./figure.ts";
import { heatPixels } from "./heat.ts";
import { image, message } from "./marks.ts";
import { dataUri } from "./png.ts";
import { cloud, leftOut, plane, type Window } from "./points.ts";
import { axisOver } from "./scale.ts";
import { type Histogram, smoothed } from "./smooth.ts";
import { counted } from "./text.ts";

export interface DensityOfPoints {
  readonly title: string;
  /** [count, 2]: their density is estimated by a Gaussian around each. */
  readonly points: NdArray;
}

export interface DensityValues {
  readonly title: string;
  /** [rows, columns], at the middles of even cells of the window; the first row is the lowest. */
  readonly values: NdArray;
}

export interface DensityOptions extends FigureOptions {
  readonly panels: readonly (DensityOfPoints | DensityValues)[];
  readonly window: Window;
  /** Standard deviation of the Gaussians around points, in units of the data: a fortieth of the window unless given. */
  readonly bandwidth?: number;
}

const cells = 128;

/** Heat maps of densities over one window, all in one scale of colours. Throws "shape"; "option" for bad windows. */
export function densityFigure({ panels, window, bandwidth, ...options }: DensityOptions): Figure {
  const where = "densityFigure";
  const { x, y, size } = plane(where, { points: [], window, width: 200 });
  const area = {
    x: { ...x, low: window.x[0], high: window.x[1] },
    y: { ...y, low: window.y[0], high: window.y[1] },
  };
  const width = bandwidth ?? (window.x[1] - window.x[0]) / 40;
  if (!(width > 0)) {
    throw new AdvectError("option", where, { expected: "a bandwidth above 0", got: bandwidth });
  }
  const maps = panels.map((panel) =>
    "points" in panel ? estimated(panel.points, { window, bandwidth: width }) : given(panel.values),
  );
  const { high } = axisOver([0, ...maps.flatMap(({ histogram }) => [largest(histogram.values)])], { pad: 0 });
  return {
    ...options,
    description: `Densities in the plane: ${panels.map(({ title }) => title).join(", ")}.`,
    panels: maps.map(({ histogram }, i) => ({
      title: panels[i]!.title,
      x,
      y,
      marks: [heatMap(histogram, { ...area, high })],
    })),
    size,
    colorBar: { axis: { kind: "linear", low: 0, high, label: "density" }, from: 0 },
    notes: [...new Set(maps.flatMap(({ notes }) => notes))],
  };
}

interface Estimate {
  readonly histogram: Histogram;
  readonly notes: readonly string[];
}

function estimated(
  points: NdArray,
  options: { readonly window: Window; readonly bandwidth: number },
): Estimate {
  const kept = cloud("densityFigure", points);
  return {
    histogram: smoothed(kept, { ...options, cells }),
    notes: leftOut(kept.x.length, kept.total),
  };
}

function given({ shape, data }: NdArray): Estimate {
  if (shape.length !== 2) {
    throw new AdvectError("shape", "densityFigure", {
      expected: "values of shape [rows, columns]",
      got: shape,
    });
  }
  const values = Float64Array.from(data);
  const bad = values.filter((value) => !Number.isFinite(value)).length;
  const notes = bad > 0 ? [`${bad} of ${counted(values.length, "value")} not finite: empty in the map.`] : [];
  return { histogram: { rows: shape[0]!, columns: shape[1]!, values }, notes };
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, value) : most), 0);
}

function heatMap(
  histogram: Histogram,
  { high, ...area }: Omit<Parameters<typeof image>[0], "href"> & { readonly high: number },
): Mark {
  if (histogram.values.every((value) => !(value > 0))) return message("no density here");
  return image({ ...area, href: ({ heat }) => dataUri(heatPixels(histogram, { heat, high })) });
}
