import { AdvectError } from "../../error.ts";
import type { Window } from "../primitives.ts";
import { checkShape, sameShape } from "../shape.ts";
import { node, type Tensor } from "../tensor.ts";
import { needFloat } from "./operands.ts";

/** Lengths of the output of a convolution, from those of its input and kernel. */
export function convOutput(spatial: readonly number[], kernel: readonly number[], window: Window): number[] {
  return spatial.map((length, axis) => {
    const [before, after] = window.padding[axis]!;
    const reach = (kernel[axis]! - 1) * window.dilation[axis]! + 1;
    return Math.floor((length + before + after - reach) / window.stride[axis]!) + 1;
  });
}

/**
 * Cross-correlation, channels last: y[n, p, o] = sum over k, c of x[n, stride p + dilation k - padding, c] w[o, k, c].
 * x: [batch, ...spatial, channels]; w: [outputs, ...kernel, channels / groups]; y: [batch, ...spatial', outputs].
 */
export function conv(x: Tensor, w: Tensor, window: Window): Tensor {
  needSame("conv", x, w);
  const shape = outputShape("conv", { x: x.shape, w: w.shape, window });
  return node("conv", [x, w], attributes(window), { shape, dtype: x.dtype });
}

/**
 * The adjoint of conv in its input ("transposed convolution"), channels last; `spatial` are the lengths of the result,
 * which a stride leaves open. g: [batch, ...spatial', outputs] -> [batch, ...spatial, channels].
 */
export function convTranspose(
  g: Tensor,
  w: Tensor,
  { window, spatial }: { readonly window: Window; readonly spatial: readonly number[] },
): Tensor {
  needSame("convTranspose", g, w);
  const shape = [g.shape[0] ?? 0, ...spatial, (w.shape.at(-1) ?? 0) * window.groups];
  needOutput("convTranspose", g, outputShape("convTranspose", { x: shape, w: w.shape, window }));
  return node("convTranspose", [g, w], attributes(window), { shape, dtype: g.dtype });
}

/** The adjoint of conv in its kernel, of lengths `kernel`: x [batch, ...spatial, channels], g [batch, ...spatial', outputs]. */
export function convWeight(
  x: Tensor,
  g: Tensor,
  { window, kernel }: { readonly window: Window; readonly kernel: readonly number[] },
): Tensor {
  needSame("convWeight", x, g);
  const shape = [g.shape.at(-1) ?? 0, ...kernel, (x.shape.at(-1) ?? 0) / window.groups];
  needOutput("convWeight", g, outputShape("convWeight", { x: x.shape, w: shape, window }));
  return node("convWeight", [x, g], attributes(window), { shape, dtype: x.dtype });
}

/** The entries in one order, so that equal windows are equal keys. */
const attributes = ({ stride, padding, dilation, groups }: Window): Window => ({
  stride,
  padding,
  dilation,
  groups,
});

interface Geometry {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly window: Window;
}

function outputShape(where: string, { x, w, window }: Geometry): number[] {
  checkWindow(where, window, x.length - 2);
  const { groups } = window;
  const fits = w.length === x.length && x.at(-1) === w.at(-1)! * groups && w[0]! % groups === 0;
  if (!fits) {
    throw new AdvectError("shape", where, {
      expected: "x [batch, ...spatial, channels] and w [outputs, ...kernel, channels / groups]",
      got: `x [${x}], w [${w}], groups ${groups}`,
    });
  }
  checkShape(where, x);
  checkShape(where, w);
  const kernel = w.slice(1, -1);
  const spatial = convOutput(x.slice(1, -1), kernel, window);
  if (spatial.some((length) => length < 1) || kernel.includes(0)) {
    throw new AdvectError("shape", where, {
      expected: `lengths of at least the kernel's, [${kernel}]`,
      got: `x [${x}]`,
      fix: "Add padding.",
    });
  }
  return [x[0]!, ...spatial, w[0]!];
}

function checkWindow(where: string, { stride, padding, dilation, groups }: Window, axes: number): void {
  const counts = (list: readonly number[], least: number) =>
    list.every((n) => Number.isInteger(n) && n >= least);
  const valid =
    axes >= 1 &&
    [stride, padding, dilation].every((list) => list.length === axes) &&
    counts([...stride, ...dilation, groups], 1) &&
    counts(padding.flat(), 0);
  if (valid) return;
  throw new AdvectError("option", where, {
    expected: `x [batch, ...spatial, channels], and for each of ${axes} spatial axes a stride and dilation >= 1 and a pair of paddings >= 0; groups >= 1`,
    got: `stride [${stride}], dilation [${dilation}], padding ${padding.map((pair) => `(${pair})`).join(" ")}, groups ${groups}`,
  });
}

function needSame(where: string, a: Tensor, b: Tensor): void {
  needFloat(where, a);
  if (a.dtype === b.dtype) return;
  throw new AdvectError("option", where, {
    expected: "operands of one dtype",
    got: `${a.dtype} and ${b.dtype}`,
    fix: "Convert one of them with cast(x, dtype).",
  });
}

function needOutput(where: string, g: Tensor, expected: readonly number[]): void {
  if (sameShape(g.shape, expected)) return;
  throw new AdvectError("shape", where, {
    expected: `g of the shape of the convolution's output, [${expected}]`,
    got: g.shape,
  });
}
