import { AdvectError } from "../../error.ts";
import type { Window } from "../primitives.ts";
import { broadcastShapes, sameShape } from "../shape.ts";
import { is, node, type Tensor } from "../tensor.ts";
import { mul } from "./elementwise.ts";
import { expand, expandDims, reshape, squeeze } from "./layout.ts";

export interface Transposed {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/**
 * The matrix product over the last two axes, [..., m, k] by [..., k, n] -> [..., m, n]; leading axes broadcast.
 * The flags transpose an operand first, at no cost. A vector counts as a row on the left, as a column on the right.
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: Transposed = {},
): Tensor {
  if (a.rank === 1)
    return squeeze(matmul(expandDims(a, transposeA ? 1 : 0), b, { transposeA, transposeB }), -2);
  if (b.rank === 1)
    return squeeze(matmul(a, expandDims(b, transposeB ? 0 : 1), { transposeA, transposeB }), -1);
  checkProduct(a, b, { transposeA, transposeB });
  if (swapsLast(a)) return matmul(a.inputs[0]!, b, { transposeA: !transposeA, transposeB });
  if (swapsLast(b)) return matmul(a, b.inputs[0]!, { transposeA, transposeB: !transposeB });
  if (b.rank === 2 && a.rank > 2 && !transposeA) return foldRows(a, b, transposeB);
  const batch = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
  const left = expand(a, [...batch, ...a.shape.slice(-2)]);
  const right = expand(b, [...batch, ...b.shape.slice(-2)]);
  const shape = [...batch, a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!];
  return node("matmul", [left, right], { transposeA, transposeB }, { shape, dtype: a.dtype });
}

function checkProduct(a: Tensor, b: Tensor, { transposeA, transposeB }: Transposed): void {
  const left = a.shape.at(transposeA ? -2 : -1);
  const right = b.shape.at(transposeB ? -1 : -2);
  if (a.rank > 1 && b.rank > 1 && left === right && a.dtype === b.dtype) return;
  const flags = `${transposeA ? ", a transposed" : ""}${transposeB ? ", b transposed" : ""}`;
  throw new AdvectError("shape", "matmul", {
    expected: `matrices of one dtype whose inner lengths agree${flags}`,
    got: `${a.dtype} [${a.shape}] and ${b.dtype} [${b.shape}]`,
    fix: `The inner lengths are ${left} and ${right}.`,
  });
}

function swapsLast(x: Tensor): boolean {
  if (!is("transpose", x)) return false;
  const { permutation } = x.attributes;
  const last = permutation.length - 1;
  return permutation[last] === last - 1 && permutation.every((from, to) => to >= last - 1 || from === to);
}

/** One tall product instead of many: the leading axes of a become rows. */
function foldRows(a: Tensor, b: Tensor, transposeB: boolean): Tensor {
  const product = matmul(reshape(a, [-1, a.shape.at(-1)!]), b, { transposeB });
  return reshape(product, [...a.shape.slice(0, -1), product.shape[1]!]);
}

/** The outer product of two vectors, a_i b_j. */
export function outer(a: Tensor, b: Tensor): Tensor {
  if (a.rank === 1 && b.rank === 1) return mul(expandDims(a, 1), expandDims(b, 0));
  throw new AdvectError("shape", "outer", { expected: "two vectors", got: `[${a.shape}] and [${b.shape}]` });
}

/** The inner product over the last axis, sum of a_i b_i, broadcast over the others. */
export function dot(a: Tensor, b: Tensor): Tensor {
  return squeeze(matmul(expandDims(a, -2), expandDims(b, -1)), [-2, -1]);
}

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
  const kernel = w.shape.slice(1, -1);
  checkWindow("conv", { x, w, window });
  const spatial = convOutput(x.shape.slice(1, -1), kernel, window);
  if (spatial.some((length) => length < 1)) {
    throw new AdvectError("shape", "conv", {
      expected: `an input at least as large as the kernel [${kernel}]`,
      got: `[${x.shape}]`,
      fix: "Add padding.",
    });
  }
  return node("conv", [x, w], window, { shape: [x.shape[0]!, ...spatial, w.shape[0]!], dtype: x.dtype });
}

function checkWindow(where: string, { x, w, window }: { x: Tensor; w: Tensor; window: Window }): void {
  const axes = x.rank - 2;
  const { stride, padding, dilation, groups } = window;
  const lists = [stride, padding, dilation].every((list) => list.length === axes);
  const fits =
    axes >= 1 &&
    w.rank === x.rank &&
    x.shape.at(-1) === w.shape.at(-1)! * groups &&
    w.shape[0]! % groups === 0;
  if (fits && lists) return;
  throw new AdvectError("shape", where, {
    expected:
      "x [batch, ...spatial, channels] and w [outputs, ...kernel, channels / groups], one window entry per spatial axis",
    got: `x [${x.shape}], w [${w.shape}], groups ${groups}, stride [${stride}]`,
  });
}

/**
 * The adjoint of conv in its input ("transposed convolution"), channels last; `spatial` are the lengths of the result,
 * which a stride leaves open. g: [batch, ...spatial', outputs] -> [batch, ...spatial, channels].
 */
export function convTranspose(
  g: Tensor,
  w: Tensor,
  options: { window: Window; spatial: readonly number[] },
): Tensor {
  const { window, spatial } = options;
  const shape = [g.shape[0]!, ...spatial, w.shape.at(-1)! * window.groups];
  const expected = convOutput(spatial, w.shape.slice(1, -1), window);
  if (g.rank !== w.rank || !sameShape([...expected, w.shape[0]!], g.shape.slice(1))) {
    throw new AdvectError("shape", "convTranspose", {
      expected: `an input [batch, ${[...expected, w.shape[0]]}] for a result of lengths [${spatial}]`,
      got: g.shape,
    });
  }
  return node("convTranspose", [g, w], window, { shape, dtype: g.dtype });
}

/** The adjoint of conv in its kernel, of lengths `kernel`: x [batch, ...spatial, channels], g [batch, ...spatial', outputs]. */
export function convWeight(
  x: Tensor,
  g: Tensor,
  options: { window: Window; kernel: readonly number[] },
): Tensor {
  const { window, kernel } = options;
  const shape = [g.shape.at(-1)!, ...kernel, x.shape.at(-1)! / window.groups];
  return node("convWeight", [x, g], window, { shape, dtype: x.dtype });
}
