import { type NdArray, ndarray } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import type { Figure, FigureOptions, Mark } from "./figure.ts";
import { arrows, message } from "./marks.ts";
import { checkPoints, cloud, leftOut, plane, type Window } from "./points.ts";
import { axisOver } from "./scale.ts";
import { heatColor } from "./theme.ts";

export interface Field {
  readonly title: string;
  /** Where the field was evaluated, [count, 2]: `gridPoints` gives an even grid. */
  readonly points: NdArray;
  /** dx/dt there, [count, 2]. */
  readonly velocity: NdArray;
}

export interface FieldOptions extends FigureOptions {
  /** The field at one time each. */
  readonly panels: readonly Field[];
  readonly window?: Window;
}

/** Points in even rows and columns over a window: [count * count, 2], from the lower left, row by row. */
export function gridPoints({ x, y }: Window, count: number): NdArray<"float32"> {
  const data = new Float32Array(2 * count * count);
  const along = ([low, high]: Window["x"], i: number) => low + ((i + 0.5) / count) * (high - low);
  for (let i = 0; i < count * count; i++) {
    data[2 * i] = along(x, i % count);
    data[2 * i + 1] = along(y, Math.floor(i / count));
  }
  return ndarray(data, [count * count, 2]);
}

interface Flow {
  readonly x: number[];
  readonly y: number[];
  readonly dx: number[];
  readonly dy: number[];
}

/**
 * A vector field at several times: arrows coloured by speed, as long as its square root, since fields grow by orders of
 * magnitude on their way; one scale for all panels. Throws "shape".
 */
export function fieldFigure({ panels, window, ...options }: FieldOptions): Figure {
  const flows = panels.map(finiteFlow);
  const { x, y, size } = plane("fieldFigure", {
    points: panels.map(({ points }) => cloud("fieldFigure", points)),
    window,
    width: 200,
  });
  const speeds = flows.flatMap(({ dx, dy }) => dx.map((value, i) => Math.hypot(value, dy[i]!)));
  const top = axisOver([0, ...speeds], { pad: 0 }).high;
  const spacing = (Math.sqrt(x.high - x.low) * Math.sqrt(y.high - y.low)) / Math.sqrt(densest(flows));
  const total = panels.reduce((sum, { points }) => sum + points.shape[0]!, 0);
  return {
    ...options,
    description: `A velocity field in the plane: ${panels.map(({ title }) => title).join(", ")}.`,
    panels: flows.map((flow, i) => ({
      title: panels[i]!.title,
      x,
      y,
      marks: arrowMarks(flow, { spacing, top }),
    })),
    size,
    colorBar: { axis: { kind: "linear", low: 0, high: top, label: "speed |v|" }, from: palest },
    notes: leftOut(speeds.length, total, "velocity").map((note) => note.replace("velocitys", "velocities")),
  };
}

function densest(flows: readonly Flow[]): number {
  return Math.max(1, ...flows.map(({ x }) => x.length));
}

function finiteFlow({ points, velocity }: Field): Flow {
  checkPoints("fieldFigure", points);
  if (String(points.shape) !== String(velocity.shape)) {
    throw new AdvectError("shape", "fieldFigure", {
      expected: `a velocity for each of the points [${points.shape}]`,
      got: velocity.shape,
    });
  }
  const flow: Flow = { x: [], y: [], dx: [], dy: [] };
  for (let i = 0; i < points.data.length; i += 2) {
    const four = [points.data[i]!, points.data[i + 1]!, velocity.data[i]!, velocity.data[i + 1]!] as const;
    if (!four.every((value) => Math.abs(value) <= 1e150)) continue; // beyond it products overflow
    flow.x.push(four[0]);
    flow.y.push(four[1]);
    flow.dx.push(four[2]);
    flow.dy.push(four[3]);
  }
  return flow;
}

const levels = 12;
/** The part of the heat that is too close to the background for thin lines. */
const palest = 0.35;

/** One mark for each level of speed, the fastest in front; arrows are centred on their points. */
function arrowMarks(
  flow: Flow,
  { spacing, top }: { readonly spacing: number; readonly top: number },
): Mark[] {
  if (flow.x.length === 0) return [message("no velocities")];
  const groups: Flow[] = Array.from({ length: levels }, () => ({ x: [], y: [], dx: [], dy: [] }));
  for (let i = 0; i < flow.x.length; i++) {
    const speed = Math.hypot(flow.dx[i]!, flow.dy[i]!) / top;
    const stretch = speed < 1e-12 ? 0 : (1.1 * spacing) / Math.sqrt(speed); // of velocities divided by the largest
    const [dx, dy] = [stretch * (flow.dx[i]! / top), stretch * (flow.dy[i]! / top)];
    const group = groups[Math.min(levels - 1, Math.floor(speed * levels))]!;
    group.x.push(flow.x[i]! - dx / 2);
    group.y.push(flow.y[i]! - dy / 2);
    group.dx.push(dx);
    group.dy.push(dy);
  }
  return groups.map((group, i) =>
    arrows(group, {
      color: (palette) => heatColor(palest + ((1 - palest) * (i + 0.5)) / levels, palette),
      width: 1.2,
    }),
  );
}
