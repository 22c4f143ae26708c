import { AdvectError } from "../engine/error.ts";
import type { Figure, FigureOptions } from "./figure.ts";
import { lines, message, type Points } from "./marks.ts";
import { axisOver } from "./scale.ts";
import { counted } from "./text.ts";

export interface LossRun {
  readonly name: string;
  readonly losses: ArrayLike<number>;
  /** The step of each loss; counted from 1 if absent. */
  readonly steps?: ArrayLike<number>;
}

export interface LossOptions extends FigureOptions {
  readonly runs: readonly LossRun[];
  /** Part of the mean that stays from loss to loss, in [0, 1); 0.98 unless given. 0 shows the losses alone. */
  readonly smoothing?: number;
}

/** Losses over steps, faint, and their moving averages, on a logarithmic axis. Throws "option". */
export function lossFigure({ runs, smoothing = 0.98, ...options }: LossOptions): Figure {
  if (!(smoothing >= 0 && smoothing < 1)) {
    throw new AdvectError("option", "lossFigure", { expected: "smoothing in [0, 1)", got: smoothing });
  }
  const raw = runs.map(positive);
  const smooth = raw.map(({ x, y }) => ({ x, y: averaged(y, smoothing) }));
  const [x, y] = [raw.flatMap((run) => run.x), raw.flatMap((run) => run.y)];
  const faint = smoothing > 0 ? 0.25 : 1;
  const marks = [
    ...raw.map((run, i) =>
      lines([thinned(run)], { color: i, width: smoothing > 0 ? 0.8 : 1.5, opacity: faint }),
    ),
    ...(smoothing > 0 ? smooth.map((run, i) => lines([thinned(run)], { color: i, width: 1.8 })) : []),
    ...(x.length === 0 ? [message("no losses")] : []),
  ];
  const lost = runs.reduce((sum, { losses }) => sum + losses.length, 0) - x.length;
  return {
    ...options,
    description: `Training loss over steps: ${runs.map(({ name }) => name).join(", ")}.`,
    panels: [
      {
        x: { ...axisOver(x, { pad: 0.01, label: "step" }) },
        y: axisOver(y, { kind: "log", pad: 0.05, label: "loss" }),
        marks,
      },
    ],
    size: { width: 520, height: 280 },
    legend: runs.map(({ name }, i) => ({ name, color: i, sign: "line" })),
    notes:
      lost > 0
        ? [`${counted(lost, "loss").replace("losss", "losses")} left out: not a finite number above 0.`]
        : [],
  };
}

interface Curve extends Points {
  readonly x: number[];
  readonly y: number[];
}

/** What a logarithmic axis can show. */
function positive({ losses, steps }: LossRun): Curve {
  const curve: Curve = { x: [], y: [] };
  for (let i = 0; i < losses.length; i++) {
    const step = steps?.[i] ?? i + 1;
    if (!(losses[i]! > 0 && Number.isFinite(losses[i]! + step))) continue;
    curve.x.push(step);
    curve.y.push(losses[i]!);
  }
  return curve;
}

/** m_i = decay m_(i-1) + (1 - decay) y_i, divided by its total weight, so that it does not begin at 0. */
function averaged(values: readonly number[], decay: number): number[] {
  let [mean, weight] = [0, 0];
  return values.map((value) => {
    mean = decay * mean + (1 - decay) * value;
    weight = decay * weight + (1 - decay);
    return mean / weight;
  });
}

const columns = 400;

/** The least and the largest of each of many points that share a column of pixels: the same picture, less ink. */
function thinned(curve: Curve): Curve {
  const count = curve.x.length;
  if (count <= 2 * columns) return curve;
  const result: Curve = { x: [], y: [] };
  for (let column = 0; column < columns; column++) {
    const [from, to] = [Math.floor((column * count) / columns), Math.floor(((column + 1) * count) / columns)];
    const kept = extremes(curve.y, { from, to });
    for (const i of kept) {
      result.x.push(curve.x[i]!);
      result.y.push(curve.y[i]!);
    }
  }
  return result;
}

/** Where the least and the largest of values[from … to - 1] are, in order. */
function extremes(
  values: readonly number[],
  { from, to }: { readonly from: number; readonly to: number },
): number[] {
  let [least, most] = [from, from];
  for (let i = from; i < to; i++) {
    if (values[i]! < values[least]!) least = i;
    if (values[i]! > values[most]!) most = i;
  }
  return least === most ? [least] : [Math.min(least, most), Math.max(least, most)];
}
