import { AdvectError } from "../engine/error.ts";
import type { Figure, FigureOptions, Mark } from "./figure.ts";
import { errorBars, level, lines, markers, message } from "./marks.ts";
import { axisOver } from "./scale.ts";
import { counted } from "./text.ts";

export interface QualityCurve {
  readonly name: string;
  readonly nfe: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  /** Standard error of each value. */
  readonly stdErrors?: ArrayLike<number>;
}

export interface QualityOptions extends FigureOptions {
  readonly methods: readonly QualityCurve[];
  /** What the values are: "W2 to the data". */
  readonly metric: string;
  /** The best that can be expected, such as the distance between two sets of data. */
  readonly floor?: { readonly name: string; readonly value: number };
}

interface Curve {
  readonly x: number[];
  readonly y: number[];
  readonly low: number[];
  readonly high: number[];
}

/** Quality against calls of the velocity field, both logarithmic, with standard errors. Throws "shape". */
export function qualityFigure({ methods, metric, floor, ...options }: QualityOptions): Figure {
  const curves = methods.map(curveOf);
  const all = (part: keyof Curve) => curves.flatMap((curve) => curve[part]);
  const shown = all("x").length;
  const lost = methods.reduce((sum, { nfe }) => sum + nfe.length, 0) - shown;
  const floors = floor && floor.value > 0 ? [floor.value] : [];
  return {
    ...options,
    description: `${metric} against calls of the velocity field: ${methods.map(({ name }) => name).join(", ")}.`,
    panels: [
      {
        x: axisOver(all("x"), { kind: "log", pad: 0.06, label: "calls of the velocity field (NFE)" }),
        y: axisOver([...all("y"), ...all("high"), ...positiveLows(curves), ...floors], {
          kind: "log",
          pad: 0.1,
          label: metric,
        }),
        marks: [
          ...(floor && floors.length > 0 ? [level({ y: floor.value, name: floor.name })] : []),
          ...curves.flatMap(curveMarks),
          ...(shown === 0 ? [message("no values")] : []),
        ],
      },
    ],
    size: { width: 460, height: 320 },
    legend: methods.map(({ name }, i) => ({ name, color: i, sign: i })),
    notes: lost > 0 ? [`${counted(lost, "value")} left out: not a finite number above 0.`] : [],
  };
}

/** Bars reach down to 0 where the error is as large as the value; the axis need not follow them there. */
function positiveLows(curves: readonly Curve[]): number[] {
  return curves.flatMap(({ y, low }) => low.filter((value, i) => value > y[i]! / 4));
}

function curveMarks(curve: Curve, i: number): Mark[] {
  return [
    errorBars(curve, { color: i, width: 1.1, opacity: 0.7 }),
    lines([curve], { color: i, width: 1.8 }),
    markers(curve, { color: i, shape: i }),
  ];
}

function curveOf({ name, nfe, values, stdErrors }: QualityCurve): Curve {
  for (const list of [values, stdErrors ?? values]) {
    if (list.length === nfe.length) continue;
    throw new AdvectError("shape", "qualityFigure", {
      expected: `${nfe.length} values and standard errors of ${name}, one for each nfe`,
      got: list.length,
    });
  }
  const curve: Curve = { x: [], y: [], low: [], high: [] };
  for (let i = 0; i < nfe.length; i++) {
    const [calls, value, error] = [nfe[i]!, values[i]!, stdErrors?.[i] ?? 0];
    if (!(calls > 0 && value > 0 && Number.isFinite(calls + value))) continue;
    const spread = Number.isFinite(error) ? error : 0;
    curve.x.push(calls);
    curve.y.push(value);
    curve.low.push(value - spread);
    curve.high.push(value + spread);
  }
  return curve;
}
