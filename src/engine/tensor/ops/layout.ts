import type { Shape } from "../../array/nd-array.ts";
import { sizeOf } from "../../array/nd-array.ts";
import { AdvectError } from "../../error.ts";
import {
  broadcastShapes,
  checkShape,
  inversePermutation,
  resolveAxes,
  resolveAxis,
  sameShape,
} from "../shape.ts";
import { is, node, type Tensor } from "../tensor.ts";

/** x with another shape of the same size; one length may be -1. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const target = inferLength(x, shape);
  if (sizeOf(target) !== x.size) {
    throw new AdvectError("shape", "reshape", {
      expected: `a shape of ${x.size} elements for [${x.shape}]`,
      got: shape,
      fix: "Use -1 for one length that follows from the others.",
    });
  }
  if (sameShape(target, x.shape)) return x;
  const source = is("reshape", x) ? x.inputs[0]! : x;
  if (sameShape(target, source.shape)) return source;
  return node("reshape", [source], {}, { shape: target, dtype: x.dtype });
}

function inferLength(x: Tensor, shape: Shape): number[] {
  const known = shape.filter((length) => length !== -1);
  checkShape("reshape", known);
  if (known.length === shape.length) return [...shape];
  const length = known.length === shape.length - 1 ? x.size / sizeOf(known) : Number.NaN;
  if (Number.isInteger(length)) return shape.map((value) => (value === -1 ? length : value));
  throw new AdvectError("shape", "reshape", {
    expected: `at most one -1, and the other lengths to divide ${x.size}`,
    got: shape,
  });
}

/** x with axes reordered: axis i of the result is axis permutation[i] of x. Without a permutation, the last two axes swap. */
export function transpose(x: Tensor, permutation?: readonly number[]): Tensor {
  const axes = permutation ?? swapLast(x);
  const resolved = axes.map((axis) => resolveAxis("transpose", axis, x.shape));
  if (new Set(resolved).size !== x.rank || resolved.length !== x.rank) {
    throw new AdvectError("shape", "transpose", {
      expected: `a permutation of the ${x.rank} axes of [${x.shape}]`,
      got: axes,
    });
  }
  if (is("transpose", x)) {
    const inner = x.attributes.permutation;
    return transpose(
      x.inputs[0]!,
      resolved.map((axis) => inner[axis]!),
    );
  }
  if (resolved.every((axis, i) => axis === i)) return x;
  const shape = resolved.map((axis) => x.shape[axis]!);
  if (movesOnlyOnes(x.shape, resolved)) return reshape(x, shape);
  return node("transpose", [x], { permutation: resolved }, { shape, dtype: x.dtype });
}

function swapLast(x: Tensor): number[] {
  if (x.rank < 2) {
    throw new AdvectError("shape", "transpose", {
      expected: "at least two axes",
      got: x.shape,
      fix: "Give the permutation.",
    });
  }
  const axes = x.shape.map((_, axis) => axis);
  return [...axes.slice(0, -2), x.rank - 1, x.rank - 2];
}

/** Whether the axes longer than 1 keep their order, so that no element moves. */
function movesOnlyOnes(shape: Shape, permutation: readonly number[]): boolean {
  const long = permutation.filter((axis) => shape[axis] !== 1);
  return long.every((axis, i) => i === 0 || axis > long[i - 1]!);
}

/** x with axis `from` moved to position `to`. */
export function moveAxis(x: Tensor, from: number, to: number): Tensor {
  const source = resolveAxis("moveAxis", from, x.shape);
  const order = x.shape.map((_, axis) => axis).filter((axis) => axis !== source);
  order.splice(resolveAxis("moveAxis", to, x.shape), 0, source);
  return transpose(x, order);
}

/** x stretched to `shape` by NumPy's broadcasting. */
export function expand(x: Tensor, shape: Shape): Tensor {
  checkShape("expand", shape);
  if (!sameShape(broadcastShapes("expand", x.shape, shape), shape)) {
    throw new AdvectError("shape", "expand", {
      expected: `a shape that [${x.shape}] stretches to`,
      got: shape,
    });
  }
  if (sameShape(x.shape, shape)) return x;
  const source = is("expand", x) ? x.inputs[0]! : x;
  return node("expand", [source], {}, { shape: [...shape], dtype: x.dtype });
}

/** x with a new axis of length 1 at each of the given places of the result. */
export function expandDims(x: Tensor, axes: number | readonly number[]): Tensor {
  const list = typeof axes === "number" ? [axes] : axes;
  const rank = x.rank + list.length;
  const places = resolveAxes("expandDims", list, new Array<number>(rank).fill(1));
  const rest = [...x.shape];
  return reshape(
    x,
    Array.from({ length: rank }, (_, axis) => (places.includes(axis) ? 1 : rest.shift()!)),
  );
}

/** x without the given axes, which must have length 1; without axes, all of length 1. */
export function squeeze(x: Tensor, axes?: number | readonly number[]): Tensor {
  const gone =
    axes === undefined
      ? x.shape.flatMap((length, axis) => (length === 1 ? [axis] : []))
      : resolveAxes("squeeze", axes, x.shape);
  if (gone.some((axis) => x.shape[axis] !== 1)) {
    throw new AdvectError("shape", "squeeze", { expected: `axes of length 1 of [${x.shape}]`, got: gone });
  }
  return reshape(
    x,
    x.shape.filter((_, axis) => !gone.includes(axis)),
  );
}

/** x with the order along the axes reversed; without axes, along all. */
export function flip(x: Tensor, axes?: number | readonly number[]): Tensor {
  const resolved = resolveAxes("flip", axes, x.shape).filter((axis) => x.shape[axis]! > 1);
  return resolved.length === 0 ? x : node("flip", [x], { axes: resolved }, x);
}

/** x repeated `times` along `axis`, each element next to its copies, as NumPy's repeat. */
export function repeat(x: Tensor, times: number, axis: number): Tensor {
  const along = resolveAxis("repeat", axis, x.shape);
  checkShape("repeat", [times]);
  const wide = [...x.shape.slice(0, along + 1), times, ...x.shape.slice(along + 1)];
  return reshape(
    expand(expandDims(x, along + 1), wide),
    x.shape.map((length, i) => (i === along ? length * times : length)),
  );
}

/** Copies of the whole of x side by side, `counts` along each axis, as NumPy's tile. */
export function tile(x: Tensor, counts: readonly number[]): Tensor {
  if (counts.length !== x.rank) {
    throw new AdvectError("shape", "tile", {
      expected: `one count for each axis of [${x.shape}]`,
      got: counts,
    });
  }
  checkShape("tile", counts);
  const apart = reshape(
    x,
    x.shape.flatMap((length) => [1, length]),
  );
  const wide = x.shape.flatMap((length, axis) => [counts[axis]!, length]);
  return reshape(
    expand(apart, wide),
    x.shape.map((length, axis) => length * counts[axis]!),
  );
}

/** x seen from the other side of `transpose(x, permutation)`. */
export function untranspose(x: Tensor, permutation: readonly number[]): Tensor {
  return transpose(x, inversePermutation(permutation));
}
