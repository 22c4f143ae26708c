import { type Figure, type HistogramPanel, histogramFigure, lossFigure } from "../../figure/index.ts";
import type { Episode } from "../../robot/index.ts";
import type { LogEntry } from "../../train/index.ts";
import type { Unfolding } from "./unfold.ts";

export function lossOf(log: readonly LogEntry[]): Figure {
  const entries = log.filter(({ loss }) => typeof loss === "number");
  const run = {
    name: "training",
    steps: entries.map(({ step }) => step),
    losses: entries.map(({ loss }) => loss as number),
  };
  return lossFigure({ runs: [run], smoothing: 0.8 });
}

export function rewardFigure(episodes: readonly Episode[]): Figure {
  const values = episodes.map(({ maxReward }) => maxReward);
  return histogramFigure({
    panels: [
      { title: "largest reward of an episode", histograms: [{ name: "episodes", values }] },
      {
        title: "steps of an episode",
        histograms: [{ name: "episodes", values: episodes.map(({ steps }) => steps) }],
      },
    ],
    bins: 20,
  });
}

const shownTimes = 6;

/** Generated actions beside demonstrated ones: a row of panels for each dimension, from t = 0 to 1. */
export function unfoldingFigure(
  { times, generated, expert }: Unfolding,
  { names }: { readonly names: readonly string[] },
): Figure {
  const last = times.length - 1;
  const count = Math.min(shownTimes, times.length);
  const steps = Array.from({ length: count }, (_, i) => Math.round((i * last) / Math.max(1, count - 1)));
  const panels = names.flatMap((name, dimension) =>
    steps.map(
      (step): HistogramPanel => ({
        title: `${name}, t = ${times[step]!.toFixed(2)}`,
        histograms: [
          { name: "demonstrated", values: expert[dimension]! },
          { name: "generated", values: generated[step]![dimension]! },
        ],
      }),
    ),
  );
  return histogramFigure({ panels, columns: count, bins: 30 });
}
