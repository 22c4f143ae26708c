import { AdvectError } from "../engine/error.ts";
import type { Figure, FigureOptions, LegendEntry, Panel } from "./figure.ts";
import { lines, message } from "./marks.ts";
import { axisOver } from "./scale.ts";
import { counted } from "./text.ts";

/** Values whose distribution is drawn. */
export interface Histogram {
  readonly name: string;
  readonly values: ArrayLike<number>;
}

/** Histograms that share a panel, its bins and axes. */
export interface HistogramPanel {
  readonly title?: string;
  readonly histograms: readonly Histogram[];
}

export interface HistogramOptions extends FigureOptions {
  readonly panels: readonly HistogramPanel[];
  /** Of equal width over the range of a panel; 40 unless given. */
  readonly bins?: number;
}

/** Outlines of histograms, as densities: the area below each is 1. Throws "option" unless bins >= 1. */
export function histogramFigure({ panels, bins = 40, ...options }: HistogramOptions): Figure {
  if (!Number.isSafeInteger(bins) || bins < 1) {
    throw new AdvectError("option", "histogramFigure", { expected: "at least 1 bin", got: bins });
  }
  const all = panels.flatMap(({ histograms }) => histograms);
  const names = [...new Set(all.map(({ name }) => name))];
  const lost = all.reduce((sum, { values }) => sum + values.length - finite(values).length, 0);
  return {
    ...options,
    description: `Histograms of ${panels.map(({ title }) => title ?? names.join(", ")).join("; ")}.`,
    panels: panels.map((panel) => drawn(panel, bins)),
    size: { width: 200, height: 120 },
    ...(names.length > 1 && {
      legend: names.map((name, i): LegendEntry => ({ name, color: i, sign: "line" })),
    }),
    notes: lost > 0 ? [`${counted(lost, "value")} left out: not finite.`] : [],
  };
}

function finite(values: ArrayLike<number>): number[] {
  return Array.from(values).filter(Number.isFinite);
}

function drawn({ title, histograms }: HistogramPanel, bins: number): Panel {
  const x = axisOver(
    histograms.flatMap(({ values }) => finite(values)),
    { pad: 0 },
  );
  const outlines = histograms.map(({ values }) => outline(finite(values), { ...x, bins }));
  const isEmpty = histograms.every(({ values }) => finite(values).length === 0);
  return {
    ...(title !== undefined && { title }),
    x,
    y: { ...axisOver([0, ...outlines.flatMap(({ y }) => y)], { pad: 0.04 }), low: 0, ticks: [] },
    marks: isEmpty ? [message("no values")] : outlines.map((points, i) => lines([points], { color: i })),
  };
}

interface Bins {
  readonly low: number;
  readonly high: number;
  readonly bins: number;
}

/** Up, across and down for every bin. */
function outline(values: readonly number[], { low, high, bins }: Bins): { x: number[]; y: number[] } {
  const width = (high - low) / bins;
  const counts = new Float64Array(bins);
  for (const value of values) counts[Math.min(bins - 1, Math.floor((value - low) / width))]! += 1;
  const [x, y] = [[low], [0]];
  counts.forEach((count, i) => {
    const density = values.length > 0 ? count / (values.length * width) : 0;
    x.push(low + i * width, low + (i + 1) * width);
    y.push(density, density);
  });
  return { x: [...x, high], y: [...y, 0] };
}
