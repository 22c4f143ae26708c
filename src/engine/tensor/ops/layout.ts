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
import { is, node, type Range, type Tensor } from "../tensor.ts";

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
  return node("expand", [x], {}, { shape: [...shape], dtype: x.dtype });
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

/** The tensors joined along `axis` (default 0); other lengths must agree. */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  const [first] = tensors;
  if (!first) throw new AdvectError("shape", "concat", { expected: "at least one tensor", got: "none" });
  const along = resolveAxis("concat", axis, first.shape);
  for (const tensor of tensors) {
    const fits =
      tensor.rank === first.rank &&
      tensor.shape.every((length, i) => i === along || length === first.shape[i]);
    if (fits && tensor.dtype === first.dtype) continue;
    throw new AdvectError("shape", "concat", {
      expected: `${first.dtype} of shape [${first.shape}] but for axis ${along}`,
      got: `${tensor.dtype} [${tensor.shape}]`,
    });
  }
  const parts = tensors.filter((tensor) => tensor.shape[along] !== 0);
  if (parts.length === 0) return first;
  if (parts.length === 1) return parts[0]!;
  const length = parts.reduce((total, tensor) => total + tensor.shape[along]!, 0);
  const shape = first.shape.map((own, i) => (i === along ? length : own));
  return node("concat", parts, { axis: along }, { shape, dtype: first.dtype });
}

/** The tensors, all of one shape, along a new axis (default 0). */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  return concat(
    tensors.map((tensor) => expandDims(tensor, axis)),
    axis,
  );
}

/** The part of x inside the given ranges; axes not named are kept whole. Throws "shape" outside of x. */
export function slice(x: Tensor, ranges: Range | readonly Range[]): Tensor {
  const starts = x.shape.map(() => 0);
  const steps = x.shape.map(() => 1);
  const shape = [...x.shape];
  for (const range of [ranges].flat() as Range[]) {
    const axis = resolveAxis("slice", range.axis, x.shape);
    const { start, step, length } = resolveRange(x, axis, range);
    starts[axis] = start;
    steps[axis] = step;
    shape[axis] = length;
  }
  return sliceNode(x, { starts, steps, shape });
}

function resolveRange(x: Tensor, axis: number, { start = 0, stop, step = 1 }: Range) {
  const size = x.shape[axis]!;
  const from = start < 0 ? start + size : start;
  const to = stop === undefined ? size : stop < 0 ? stop + size : stop;
  const valid =
    [from, to, step].every(Number.isInteger) && from >= 0 && from <= to && to <= size && step >= 1;
  if (valid) return { start: from, step, length: Math.ceil((to - from) / step) };
  throw new AdvectError("shape", "slice", {
    expected: `0 <= start <= stop <= ${size} and step >= 1 on axis ${axis} of [${x.shape}]`,
    got: `start ${start}, stop ${stop ?? size}, step ${step}`,
  });
}

function sliceNode(
  x: Tensor,
  { starts, steps, shape }: { starts: number[]; steps: number[]; shape: number[] },
): Tensor {
  if (sameShape(shape, x.shape)) return x;
  if (is("slice", x)) {
    const outer = x.attributes;
    const composed = {
      starts: starts.map((start, axis) => outer.starts[axis]! + start * outer.steps[axis]!),
      steps: steps.map((step, axis) => step * outer.steps[axis]!),
      shape,
    };
    return sliceNode(x.inputs[0]!, composed);
  }
  return node(
    "slice",
    [x],
    { starts, steps: steps.map((step, axis) => (shape[axis]! <= 1 ? 1 : step)) },
    { shape, dtype: x.dtype },
  );
}

/** x cut along `axis` into pieces of the given lengths, or into `parts` equal ones. */
export function split(x: Tensor, parts: number | readonly number[], axis = 0): Tensor[] {
  const along = resolveAxis("split", axis, x.shape);
  const size = x.shape[along]!;
  const lengths = typeof parts === "number" ? new Array<number>(parts).fill(size / parts) : parts;
  if (!lengths.every(Number.isInteger) || lengths.reduce((a, b) => a + b, 0) !== size) {
    throw new AdvectError("shape", "split", {
      expected: `lengths that add up to ${size} (axis ${along} of [${x.shape}])`,
      got: parts,
    });
  }
  let start = 0;
  return lengths.map((length) => {
    start += length;
    return slice(x, { axis: along, start: start - length, stop: start });
  });
}

/** x with zeros around it: [before, after] for every axis; `interior` zeros between neighbours. */
export function pad(
  x: Tensor,
  widths: readonly (readonly [before: number, after: number])[],
  interior?: readonly number[],
): Tensor {
  const between = interior ?? x.shape.map(() => 0);
  const counts = [...widths.flat(), ...between];
  if (
    widths.length !== x.rank ||
    between.length !== x.rank ||
    !counts.every((n) => Number.isInteger(n) && n >= 0)
  ) {
    throw new AdvectError("shape", "pad", {
      expected: `one pair of whole numbers >= 0 for each axis of [${x.shape}]`,
      got: widths.map((width) => `(${width})`).join(" "),
      fix: "Use slice to take elements away.",
    });
  }
  const shape = x.shape.map(
    (n, axis) => widths[axis]![0] + widths[axis]![1] + n + between[axis]! * Math.max(n - 1, 0),
  );
  if (sameShape(shape, x.shape)) return x;
  const attributes = {
    before: widths.map(([before]) => before),
    after: widths.map(([, after]) => after),
    interior: [...between],
  };
  return node("pad", [x], attributes, { shape, dtype: x.dtype });
}

/** x with the order along the axes reversed; without axes, along all. */
export function flip(x: Tensor, axes?: number | readonly number[]): Tensor {
  const resolved = resolveAxes("flip", axes, x.shape).filter((axis) => x.shape[axis]! > 1);
  return resolved.length === 0 ? x : node("flip", [x], { axes: resolved }, x);
}

/** x repeated `times` along `axis`, each element next to its copies, as NumPy's repeat. */
export function repeat(x: Tensor, times: number, axis: number): Tensor {
  const along = resolveAxis("repeat", axis, x.shape);
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
