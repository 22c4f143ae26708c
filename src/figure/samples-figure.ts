import type { NdArray } from "../engine/array/index.ts";
import type { Figure, FigureOptions, Panel } from "./figure.ts";
import { dots, message } from "./marks.ts";
import { cloud, leftOut, outside, plane, type Window } from "./points.ts";
import type { Color } from "./theme.ts";

export interface Samples {
  readonly title: string;
  /** [count, 2] */
  readonly points: NdArray;
  readonly color?: Color;
}

export interface SamplesOptions extends FigureOptions {
  /** Side by side, all in one window. */
  readonly panels: readonly Samples[];
  readonly window?: Window;
}

/** Clouds of points in the plane beside each other: data and samples, or samples on their way. Throws "shape". */
export function samplesFigure({ panels, window, ...options }: SamplesOptions): Figure {
  const where = "samplesFigure";
  const clouds = panels.map(({ points }) => cloud(where, points));
  const { x, y, size } = plane(where, { points: clouds, window, width: 200 });
  const drawn = panels.map(({ title, color = 0 }, i): Panel => {
    const points = clouds[i]!;
    const mark = points.x.length > 0 ? dots(points, { color }) : message("no points");
    return { title, x, y, marks: [mark] };
  });
  const total = clouds.reduce((sum, points) => sum + points.total, 0);
  const kept = clouds.reduce((sum, points) => sum + points.x.length, 0);
  return {
    ...options,
    description: `Points in the plane: ${panels.map(({ title }) => title).join(", ")}.`,
    panels: drawn,
    size,
    notes: [...leftOut(kept, total), ...outside(clouds, { x, y, size })],
  };
}
