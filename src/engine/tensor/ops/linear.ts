import { sizeOf } from "../../array/nd-array.ts";
import { AdvectError } from "../../error.ts";
import { broadcastShapes } from "../shape.ts";
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
  checkProduct(a, b, { transposeA, transposeB });
  if (b.rank === 1)
    return squeeze(matmul(a, expandDims(b, transposeB ? 0 : 1), { transposeA, transposeB }), -1);
  if (a.rank === 1)
    return squeeze(matmul(expandDims(a, transposeA ? 1 : 0), b, { transposeA, transposeB }), -2);
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
  const left = a.rank === 1 ? a.shape[0] : a.shape.at(transposeA ? -2 : -1);
  const right = b.rank === 1 ? b.shape[0] : b.shape.at(transposeB ? -1 : -2);
  if (a.rank > 0 && b.rank > 0 && left === right && a.dtype === b.dtype && a.dtype !== "bool") return;
  const flags = `${transposeA ? ", a transposed" : ""}${transposeB ? ", b transposed" : ""}`;
  throw new AdvectError("shape", "matmul", {
    expected: `matrices of numbers of one dtype whose inner lengths agree${flags}`,
    got: `${a.dtype} [${a.shape}] and ${b.dtype} [${b.shape}]`,
    fix: `The inner lengths are ${left ?? "none"} and ${right ?? "none"}.`,
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
  const rows = sizeOf(a.shape.slice(0, -1));
  const product = matmul(reshape(a, [rows, a.shape.at(-1)!]), b, { transposeB });
  return reshape(product, [...a.shape.slice(0, -1), product.shape[1]!]);
}

/** The outer product of two vectors, a_i b_j. */
export function outer(a: Tensor, b: Tensor): Tensor {
  if (a.rank === 1 && b.rank === 1) return mul(expandDims(a, 1), expandDims(b, 0));
  throw new AdvectError("shape", "outer", { expected: "two vectors", got: `[${a.shape}] and [${b.shape}]` });
}

/** The inner product over the last axis, sum of a_i b_i, broadcast over the others. */
export function dot(a: Tensor, b: Tensor): Tensor {
  if (a.rank === 0 || a.shape.at(-1) !== b.shape.at(-1)) {
    throw new AdvectError("shape", "dot", {
      expected: "last axes of one length",
      got: `[${a.shape}] and [${b.shape}]`,
    });
  }
  return squeeze(matmul(expandDims(a, -2), expandDims(b, -1)), [-2, -1]);
}
