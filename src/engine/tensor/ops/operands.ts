import { AdvectError } from "../../error.ts";
import type { TensorDType } from "../primitives.ts";
import { broadcastShapes, sameShape } from "../shape.ts";
import { constant, isFloat, lift, type Operand, Tensor, uniformValue } from "../tensor.ts";
import { expand } from "./layout.ts";

/** Two operands of one dtype, and the shape they broadcast to. */
export interface Pair {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly shape: readonly number[];
  readonly dtype: TensorDType;
}

/** Numbers take the other operand's dtype; a constant that only repeats one number becomes that number. */
export function pair(where: string, a: Operand, b: Operand): Pair {
  const like = a instanceof Tensor ? a.dtype : b instanceof Tensor ? b.dtype : "float32";
  const left = lift(where, a, like);
  const right = lift(where, b, like);
  if (left.dtype !== right.dtype) {
    throw new AdvectError("option", where, {
      expected: "operands of one dtype",
      got: `${left.dtype} and ${right.dtype}`,
      fix: "Convert one of them with cast(x, dtype).",
    });
  }
  const shape = broadcastShapes(where, left.shape, right.shape);
  const first = sameShape(right.shape, shape) ? scalar(left) : left;
  const second = sameShape(first.shape, shape) ? scalar(right) : right;
  return { a: first, b: second, shape, dtype: like };
}

function scalar(x: Tensor): Tensor {
  const value = x.rank === 0 ? undefined : uniformValue(x);
  return value === undefined ? x : constant(value, x.dtype);
}

/** The same for operations on numbers. */
export function numberPair(where: string, a: Operand, b: Operand): Pair {
  const operands = pair(where, a, b);
  needNumbers(where, operands.a);
  return operands;
}

/** `x` when the result of an operation with a neutral element is `x` itself, stretched to the result's shape. */
export function neutral(x: Tensor, shape: readonly number[]): Tensor {
  return sameShape(x.shape, shape) ? x : expand(x, shape);
}

export function needNumbers(where: string, x: Tensor): void {
  if (x.dtype !== "bool") return;
  throw new AdvectError("option", where, {
    expected: "numbers",
    got: "bool",
    fix: 'Convert with cast(x, "float32").',
  });
}

export function needFloat(where: string, x: Tensor): void {
  if (isFloat(x)) return;
  throw new AdvectError("option", where, {
    expected: "a float tensor",
    got: x.dtype,
    fix: 'Convert it with cast(x, "float32").',
  });
}

export function needBool(where: string, x: Tensor): void {
  if (x.dtype === "bool") return;
  throw new AdvectError("option", where, {
    expected: "a bool tensor",
    got: x.dtype,
    fix: "Compare it first, as in less(a, b).",
  });
}

export function needIndices(where: string, x: Tensor): void {
  if (x.dtype === "int32") return;
  throw new AdvectError("option", where, {
    expected: "int32 indices",
    got: x.dtype,
    fix: 'Convert with cast(x, "int32").',
  });
}
