import { sizeOf } from "../../array/nd-array.ts";
import { AdvectError } from "../../error.ts";
import { keptShape, resolveAxes, resolveAxis, sameShape } from "../shape.ts";
import { node, type Reduction, type Tensor } from "../tensor.ts";
import { abs, add, exp, log, mul, neg, sqrt, stopGradient, sub } from "./elementwise.ts";
import { moveAxis, reshape } from "./layout.ts";
import { less, where } from "./logic.ts";
import { needFloat, needNumbers } from "./operands.ts";

function finish(kept: Tensor, axes: readonly number[], keepDims = false): Tensor {
  return keepDims
    ? kept
    : reshape(
        kept,
        kept.shape.filter((_, axis) => !axes.includes(axis)),
      );
}

/** The axes from the front; throws "shape" in the name of `where` unless there are elements along them. */
function filledAxes(where: string, x: Tensor, axes: Reduction["axes"]): number[] {
  const resolved = resolveAxes(where, axes, x.shape);
  if (resolved.every((axis) => x.shape[axis]! > 0)) return resolved;
  throw new AdvectError("shape", where, {
    expected: "at least one element along the axes",
    got: x.shape,
  });
}

/** The sum over the axes. */
export function sum(x: Tensor, { axes, keepDims }: Reduction = {}): Tensor {
  needNumbers("sum", x);
  const resolved = resolveAxes("sum", axes, x.shape);
  const long = resolved.filter((axis) => x.shape[axis] !== 1);
  const kept =
    long.length === 0
      ? x
      : node("sum", [x], { axes: long }, { shape: keptShape(x.shape, long), dtype: x.dtype });
  return finish(kept, resolved, keepDims);
}

/** The mean over the axes. */
export function mean(x: Tensor, reduction: Reduction = {}): Tensor {
  needFloat("mean", x);
  const axes = filledAxes("mean", x, reduction.axes);
  const count = sizeOf(axes.map((axis) => x.shape[axis]!));
  return mul(sum(x, { ...reduction, axes }), 1 / count);
}

/** The mean of (x - mean)^2 over the axes (divides by n, not n - 1). */
export function variance(x: Tensor, reduction: Reduction = {}): Tensor {
  needFloat("variance", x);
  const axes = filledAxes("variance", x, reduction.axes);
  const centred = sub(x, mean(x, { axes, keepDims: true }));
  return mean(mul(centred, centred), { ...reduction, axes });
}

/** The largest element over the axes; ties share the gradient. */
export function max(x: Tensor, { axes, keepDims }: Reduction = {}): Tensor {
  needNumbers("max", x);
  const resolved = filledAxes("max", x, axes);
  const long = resolved.filter((axis) => x.shape[axis] !== 1);
  const kept =
    long.length === 0
      ? x
      : node("reduceMax", [x], { axes: long }, { shape: keptShape(x.shape, long), dtype: x.dtype });
  return finish(kept, resolved, keepDims);
}

/** The smallest element over the axes; ties share the gradient. */
export function min(x: Tensor, reduction: Reduction = {}): Tensor {
  needNumbers("min", x);
  return neg(max(neg(x), { ...reduction, axes: filledAxes("min", x, reduction.axes) }));
}

/** The index (int32) of the first largest element along `axis`. */
export function argMax(x: Tensor, axis = -1): Tensor {
  needNumbers("argMax", x);
  return firstLargest(x, filledAxes("argMax", x, axis));
}

/** The index (int32) of the first smallest element along `axis`. */
export function argMin(x: Tensor, axis = -1): Tensor {
  needNumbers("argMin", x);
  return firstLargest(neg(x), filledAxes("argMin", x, axis));
}

function firstLargest(x: Tensor, axes: readonly number[]): Tensor {
  const type = { shape: keptShape(x.shape, axes), dtype: "int32" } as const;
  return finish(node("argMax", [x], { axis: axes[0]! }, type), axes);
}

/** exp(x) / sum(exp(x)) along `axis` (default: the last). */
export function softmax(x: Tensor, axis = -1): Tensor {
  needFloat("softmax", x);
  const along = resolveAxis("softmax", axis, x.shape);
  if (along !== x.rank - 1) return moveAxis(softmax(moveAxis(x, along, -1)), -1, along);
  return node("softmax", [x], {}, x);
}

/** log(sum(exp(x))) over the axes, safe for large and infinite x. */
export function logSumExp(x: Tensor, { axes, keepDims = false }: Reduction = {}): Tensor {
  needFloat("logSumExp", x);
  const resolved = filledAxes("logSumExp", x, axes);
  const largest = stopGradient(max(x, { axes: resolved, keepDims: true }));
  const top = where(less(abs(largest), Number.POSITIVE_INFINITY), largest, 0);
  return finish(add(log(sum(exp(sub(x, top)), { axes: resolved, keepDims: true })), top), resolved, keepDims);
}

/** log(softmax(x)) along `axis`, safe for large x. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  needFloat("logSoftmax", x);
  return sub(x, logSumExp(x, { axes: filledAxes("logSoftmax", x, axis), keepDims: true }));
}

/** Running totals along `axis`; `exclusive` leaves out the element itself, `reverse` runs from the end. */
export function cumsum(
  x: Tensor,
  axis: number,
  options: { exclusive?: boolean; reverse?: boolean } = {},
): Tensor {
  needNumbers("cumsum", x);
  const along = resolveAxis("cumsum", axis, x.shape);
  const { exclusive = false, reverse = false } = options;
  return node("cumsum", [x], { axis: along, exclusive, reverse }, x);
}

/** The Euclidean length over the axes. Its gradient at 0 is not a number: add a small constant first where that can happen. */
export function norm(x: Tensor, reduction: Reduction = {}): Tensor {
  needFloat("norm", x);
  return sqrt(sum(mul(x, x), { ...reduction, axes: resolveAxes("norm", reduction.axes, x.shape) }));
}

/** x summed down to a shape that broadcasts to it: the adjoint of broadcasting. */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.rank - shape.length;
  const axes = x.shape.flatMap((length, axis) =>
    axis < lead || (shape[axis - lead] === 1 && length !== 1) ? [axis] : [],
  );
  return reshape(sum(x, { axes, keepDims: true }), shape);
}

/** (x - mean) / sqrt(variance + epsilon) over `axes`. */
export function normalize(x: Tensor, axes: number | readonly number[], epsilon: number): Tensor {
  const attributes = standardization("normalize", x, { axes, epsilon });
  return node("normalize", [x], attributes, x);
}

/** 1 / sqrt(variance + epsilon) over `axes`, which stay with length 1. */
export function rstd(x: Tensor, axes: number | readonly number[], epsilon: number): Tensor {
  const attributes = standardization("rstd", x, { axes, epsilon });
  return node("rstd", [x], attributes, { shape: keptShape(x.shape, attributes.axes), dtype: x.dtype });
}

function standardization(
  name: string,
  x: Tensor,
  { axes, epsilon }: { axes: number | readonly number[]; epsilon: number },
): { axes: number[]; epsilon: number } {
  needFloat(name, x);
  const resolved = filledAxes(name, x, axes);
  if (resolved.length > 0 && Number.isFinite(epsilon) && epsilon >= 0) return { axes: resolved, epsilon };
  throw new AdvectError("option", name, {
    expected: "at least one axis, and epsilon >= 0",
    got: `axes [${resolved}], epsilon ${epsilon}`,
  });
}
