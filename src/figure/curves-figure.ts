import type { Figure, FigureOptions, LegendEntry, Panel } from "./figure.ts";
import { lines, message, type Points } from "./marks.ts";
import { axisOver } from "./scale.ts";

export interface Curve extends Points {
  readonly name: string;
}

/** Curves that share a panel and its axes. */
export interface CurvesPanel {
  readonly title?: string;
  readonly curves: readonly Curve[];
}

export interface CurvesOptions extends FigureOptions {
  readonly panels: readonly CurvesPanel[];
  /** With its unit, if it has one: "time (s)". */
  readonly xLabel?: string;
  readonly description?: string;
}

/** Series over time or steps, in panels of their own scale; a value that is not finite interrupts its curve. */
export function curvesFigure({ panels, xLabel, description, ...options }: CurvesOptions): Figure {
  const most = panels.reduce<readonly Curve[]>(
    (longest, { curves }) => (curves.length > longest.length ? curves : longest),
    [],
  );
  const legend = most.map(({ name }, i): LegendEntry => ({ name, color: i, sign: "line" }));
  const titles = panels.flatMap(({ title }) => title ?? []).join(", ");
  return {
    columns: 1,
    ...options,
    description: description ?? `Curves: ${titles || most.map(({ name }) => name).join(", ")}.`,
    panels: panels.map((panel) => drawn(panel, xLabel)),
    size: { width: 520, height: 130 },
    ...(most.length > 1 && { legend }),
  };
}

function drawn({ title, curves }: CurvesPanel, xLabel: string | undefined): Panel {
  const values = (of: (curve: Curve) => ArrayLike<number>) =>
    curves.flatMap((curve) => Array.from(of(curve)));
  const isEmpty = values(({ y }) => y).length === 0;
  return {
    ...(title !== undefined && { title }),
    x: axisOver(
      values(({ x }) => x),
      { pad: 0.01, ...(xLabel && { label: xLabel }) },
    ),
    y: axisOver(
      values(({ y }) => y),
      { pad: 0.05 },
    ),
    marks: isEmpty
      ? [message("no values")]
      : curves.map((curve, i) => lines([curve], { color: i, width: 1.5 })),
  };
}
