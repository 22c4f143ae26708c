import type { NdArray } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import { mix } from "./color.ts";
import type { Figure, FigureOptions, Mark } from "./figure.ts";
import { dots, lines, message, type Points } from "./marks.ts";
import { plane, type Window } from "./points.ts";
import { counted } from "./text.ts";

export interface Trajectories {
  readonly title: string;
  /** Where each particle is at every time: [times, count, 2], as solvers return it. */
  readonly trajectory: NdArray;
}

export interface TrajectoriesOptions extends FigureOptions {
  readonly panels: readonly Trajectories[];
  readonly window?: Window;
  /** Lines drawn at most, the first ones; 300 unless given. */
  readonly limit?: number;
}

/** The ways of particles from noise to data: their colour is the time. Throws "shape". */
export function trajectoriesFigure({ panels, window, limit = 300, ...options }: TrajectoriesOptions): Figure {
  const where = "trajectoriesFigure";
  const all = panels.map(({ trajectory }) => ways(trajectory, limit));
  const { x, y, size } = plane(where, { points: all.flat(), window, width: panels.length > 1 ? 260 : 340 });
  const broken = all.flat().filter((way) => way.x.some(isNotFinite) || way.y.some(isNotFinite)).length;
  const shown = all.flat().length;
  const total = panels.reduce((sum, { trajectory }) => sum + trajectory.shape[1]!, 0);
  return {
    ...options,
    description: `Trajectories of particles in the plane: ${panels.map(({ title }) => title).join(", ")}.`,
    panels: panels.map(({ title }, i) => ({ title, x, y, marks: marksOf(all[i]!) })),
    size,
    legend: [
      { name: "start (t = 0)", color: "muted", sign: "dot" },
      { name: "end (t = 1)", color: 0, sign: "dot" },
    ],
    notes: [
      ...(shown < total ? [`${shown} of ${counted(total, "particle")} shown.`] : []),
      ...(broken > 0 ? [`${counted(broken, "line")} with gaps: points that are not finite.`] : []),
    ],
  };
}

interface Way extends Points {
  readonly x: number[];
  readonly y: number[];
}

function ways({ shape, data }: NdArray, limit: number): Way[] {
  const [times, count, size] = shape;
  if (shape.length !== 3 || size !== 2) {
    throw new AdvectError("shape", "trajectoriesFigure", {
      expected: "a trajectory of shape [times, count, 2]",
      got: shape,
    });
  }
  const coordinate = (particle: number, axis: 0 | 1) =>
    Array.from({ length: times! }, (_, i) => data[2 * (i * count! + particle) + axis]!);
  return Array.from({ length: Math.min(count!, limit) }, (_, particle) => ({
    x: coordinate(particle, 0),
    y: coordinate(particle, 1),
  }));
}

function isNotFinite(value: number): boolean {
  return !Number.isFinite(value);
}

/** Pieces of equal time have one colour each, from the colour of the start to that of the end. */
function marksOf(all: readonly Way[]): Mark[] {
  const steps = (all[0]?.x.length ?? 0) - 1;
  if (steps < 0) return [message("no particles")];
  const pieces = Math.min(steps, 16);
  const strands = Array.from({ length: pieces }, (_, piece) => {
    const [from, to] = [Math.round((piece * steps) / pieces), Math.round(((piece + 1) * steps) / pieces)];
    const part = all.map(({ x, y }) => ({ x: x.slice(from, to + 1), y: y.slice(from, to + 1) }));
    return lines(part, {
      color: ({ muted, series }) => mix({ from: muted, to: series[0]! }, (piece + 0.5) / pieces),
      width: 0.9,
      opacity: 0.25 + (0.4 * (piece + 1)) / pieces,
    });
  });
  return [
    ...strands,
    dots(at(all, 0), { color: "muted", width: 2.6 }),
    dots(at(all, steps), { color: 0, width: 3.2, opacity: 0.9 }),
  ];
}

function at(all: readonly Way[], step: number): Points {
  const there = all.filter(({ x, y }) => Number.isFinite(x[step]! + y[step]!));
  return { x: there.map(({ x }) => x[step]!), y: there.map(({ y }) => y[step]!) };
}
