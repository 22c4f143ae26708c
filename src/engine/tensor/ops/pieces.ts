import { AdvectError } from "../../error.ts";
import { resolveAxes, resolveAxis, sameShape } from "../shape.ts";
import { is, node, type Range, type Tensor } from "../tensor.ts";
import { expandDims } from "./layout.ts";

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
  const [first] = tensors;
  if (!first) throw new AdvectError("shape", "stack", { expected: "at least one tensor", got: "none" });
  const different = tensors.find(
    ({ shape, dtype }) => dtype !== first.dtype || !sameShape(shape, first.shape),
  );
  if (different) {
    throw new AdvectError("shape", "stack", {
      expected: `tensors of one type, ${first.dtype} [${first.shape}]`,
      got: `${different.dtype} [${different.shape}]`,
    });
  }
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
  const list = [ranges].flat() as Range[];
  const axes = resolveAxes(
    "slice",
    list.map(({ axis }) => axis),
    x.shape,
  );
  for (const axis of axes) {
    const range = list.find((candidate) => resolveAxis("slice", candidate.axis, x.shape) === axis)!;
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
  const attributes = {
    starts: starts.map((start, axis) => (shape[axis] === 0 ? 0 : start)),
    steps: steps.map((step, axis) => (shape[axis]! <= 1 ? 1 : step)),
  };
  return node("slice", [x], attributes, { shape, dtype: x.dtype });
}

/** x cut along `axis` into pieces of the given lengths, or into `parts` equal ones. */
export function split(x: Tensor, parts: number | readonly number[], axis = 0): Tensor[] {
  const along = resolveAxis("split", axis, x.shape);
  const size = x.shape[along]!;
  const lengths = typeof parts === "number" ? Array.from({ length: parts }, () => size / parts) : parts;
  const whole = lengths.every((length) => Number.isInteger(length) && length >= 0);
  if (!whole || lengths.reduce((a, b) => a + b, 0) !== size) {
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
