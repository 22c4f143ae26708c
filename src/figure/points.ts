import type { NdArray } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import type { Points } from "./marks.ts";
import { type Axis, axisOver } from "./scale.ts";
import { counted } from "./text.ts";

/** The part of the plane to show; what is not given is taken from the data. */
export interface Window {
  readonly x: readonly [low: number, high: number];
  readonly y: readonly [low: number, high: number];
}

export interface Plane {
  readonly x: Axis;
  readonly y: Axis;
  /** Of a panel in which units are equally long in both directions. */
  readonly size: { readonly width: number; readonly height: number };
}

/** Throws "shape" unless `points` is [count, 2]. */
export function checkPoints(where: string, points: NdArray): void {
  if (points.shape.length === 2 && points.shape[1] === 2) return;
  throw new AdvectError("shape", where, {
    expected: "points of shape [count, 2]",
    got: points.shape,
    fix: "Project data of more dimensions on two of them first.",
  });
}

export interface Cloud extends Points {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** How many there were, finite or not. */
  readonly total: number;
}

/** Those of points [count, 2] that are finite. Throws "shape". */
export function cloud(where: string, points: NdArray): Cloud {
  checkPoints(where, points);
  const [x, y]: [number[], number[]] = [[], []];
  for (let i = 0; i < points.data.length; i += 2) {
    const [a, b] = [points.data[i]!, points.data[i + 1]!];
    if (!Number.isFinite(a) || !Number.isFinite(b)) continue;
    x.push(a);
    y.push(b);
  }
  return { x, y, total: points.shape[0]! };
}

/** Says how many were not finite, if any: "3 of 100 points left out: not finite". */
export function leftOut(kept: number, total: number, noun = "point"): string[] {
  if (kept === total) return [];
  return [`${total - kept} of ${counted(total, noun)} left out: not finite.`];
}

/** Says how many points the window does not show, if any. */
export function outside(points: readonly Points[], { x, y }: Plane): string[] {
  let count = 0;
  for (const list of points) {
    for (let i = 0; i < list.x.length; i++) if (!within(x, list.x[i]!) || !within(y, list.y[i]!)) count++;
  }
  return count === 0 ? [] : [`${counted(count, "point")} outside of the picture.`];
}

function within({ low, high }: Axis, value: number): boolean {
  return value >= low && value <= high;
}

/** A plane `width` pixels wide, for the window, or else for all of the points. Throws "option" for an empty window. */
export function plane(
  where: string,
  shown: { readonly points: readonly Points[]; readonly window?: Window | undefined; readonly width: number },
): Plane {
  const { points, window, width } = shown;
  if (window) checkWindow(where, window);
  const axis = (direction: "x" | "y"): Axis => {
    const [low, high] = window?.[direction] ?? [];
    if (low !== undefined) return { kind: "linear", low, high: high! };
    return axisOver(concatenated(points, direction));
  };
  return square({ x: axis("x"), y: axis("y") }, width);
}

/** Panels may be up to half as high again as wide, or half as high; beyond that the shorter axis is extended. */
function square({ x, y }: { readonly x: Axis; readonly y: Axis }, width: number): Plane {
  const ratio = Math.min(Math.max((y.high - y.low) / (x.high - x.low), 0.5), 1.5);
  const unit = Math.max((x.high - x.low) / width, (y.high - y.low) / (ratio * width));
  return {
    x: extended(x, unit * width),
    y: extended(y, unit * ratio * width),
    size: { width, height: Math.round(ratio * width) },
  };
}

function extended(axis: Axis, length: number): Axis {
  const extra = (length - (axis.high - axis.low)) / 2;
  return extra > 1e-9 * length ? { ...axis, low: axis.low - extra, high: axis.high + extra } : axis;
}

export function* concatenated(points: readonly Points[], direction: "x" | "y"): Generator<number> {
  for (const list of points) for (let i = 0; i < list.x.length; i++) yield list[direction][i]!;
}

function checkWindow(where: string, window: Window): void {
  for (const [low, high] of [window.x, window.y]) {
    if (Number.isFinite(high - low) && low < high) continue;
    throw new AdvectError("option", where, {
      expected: "a window from a lower to a higher number in x and y",
      got: `[${low}, ${high}]`,
    });
  }
}
