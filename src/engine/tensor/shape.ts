import type { Shape } from "../array/nd-array.ts";
import { AdvectError } from "../error.ts";

/** NumPy's broadcasting: axes are aligned at the end, and length 1 stretches. Throws "shape" in the name of `where`. */
export function broadcastShapes(where: string, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new AdvectError("shape", where, {
        expected: "shapes that broadcast (aligned at the last axis: equal lengths, or 1)",
        got: `[${a}] and [${b}]`,
        fix: `Axis ${axis - rank} has length ${left} against ${right}; reshape, expand or sum one of them.`,
      });
    }
    return left === 1 ? right : left;
  });
}

/** `axis` counted from the front. Throws "shape" when it is outside [-rank, rank). */
export function resolveAxis(where: string, axis: number, shape: Shape): number {
  const rank = shape.length;
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new AdvectError("shape", where, {
      expected: `an axis in [${-rank}, ${rank}) for shape [${shape}]`,
      got: axis,
    });
  }
  return axis < 0 ? axis + rank : axis;
}

/** Axes from the front, sorted; undefined means all. Throws "shape" for one given twice. */
export function resolveAxes(
  where: string,
  axes: number | readonly number[] | undefined,
  shape: Shape,
): number[] {
  if (axes === undefined) return shape.map((_, axis) => axis);
  const list = typeof axes === "number" ? [axes] : axes;
  const resolved = list.map((axis) => resolveAxis(where, axis, shape)).sort((a, b) => a - b);
  if (new Set(resolved).size === resolved.length) return resolved;
  throw new AdvectError("shape", where, { expected: `each axis of [${shape}] at most once`, got: list });
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** Elements to skip per step along each axis of a row-major array. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** `shape` with the lengths of `axes` set to 1. */
export function keptShape(shape: Shape, axes: readonly number[]): number[] {
  return shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
}

/** The permutation that undoes `permutation`. */
export function inversePermutation(permutation: readonly number[]): number[] {
  const inverse = new Array<number>(permutation.length);
  permutation.forEach((from, to) => {
    inverse[from] = to;
  });
  return inverse;
}

/** Throws "shape" unless the lengths are whole numbers of at least 0. */
export function checkShape(where: string, shape: Shape): void {
  if (shape.every((length) => Number.isSafeInteger(length) && length >= 0)) return;
  throw new AdvectError("shape", where, { expected: "a shape of whole numbers >= 0", got: shape });
}
