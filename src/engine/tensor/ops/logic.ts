import { broadcastShapes } from "../shape.ts";
import { node, type Operand, type Tensor, uniformValue } from "../tensor.ts";
import { needBool, neutral, numberPair, pair } from "./operands.ts";

type Ordering = "less" | "lessEqual" | "greater" | "greaterEqual";

function ordering(where: Ordering, a: Operand, b: Operand): Tensor {
  const { a: left, b: right, shape } = numberPair(where, a, b);
  const type = { shape, dtype: "bool" } as const;
  if (where === "greater") return node("less", [right, left], {}, type);
  if (where === "greaterEqual") return node("lessEqual", [right, left], {}, type);
  return node(where, [left, right], {}, type);
}

/** a < b */
export const less = (a: Operand, b: Operand): Tensor => ordering("less", a, b);
/** a <= b */
export const lessEqual = (a: Operand, b: Operand): Tensor => ordering("lessEqual", a, b);
/** a > b */
export const greater = (a: Operand, b: Operand): Tensor => ordering("greater", a, b);
/** a >= b */
export const greaterEqual = (a: Operand, b: Operand): Tensor => ordering("greaterEqual", a, b);

/** a = b */
export function equal(a: Operand, b: Operand): Tensor {
  const { a: left, b: right, shape } = pair("equal", a, b);
  return node("equal", [left, right], {}, { shape, dtype: "bool" });
}

function logic(op: "and" | "or", a: Tensor, b: Tensor): Tensor {
  needBool(op, a);
  needBool(op, b);
  return node(op, [a, b], {}, { shape: broadcastShapes(op, a.shape, b.shape), dtype: "bool" });
}

/** Whether both hold. */
export const and = (a: Tensor, b: Tensor): Tensor => logic("and", a, b);
/** Whether at least one holds. */
export const or = (a: Tensor, b: Tensor): Tensor => logic("or", a, b);

/** True where x is false. */
export function not(x: Tensor): Tensor {
  needBool("not", x);
  return node("not", [x], {}, x);
}

/** `then` where the condition holds, else `otherwise`; all three broadcast. */
export function where(condition: Tensor, then: Operand, otherwise: Operand): Tensor {
  needBool("where", condition);
  const { a, b, shape, dtype } = pair("where", then, otherwise);
  const flag = uniformValue(condition);
  const result = broadcastShapes("where", condition.shape, shape);
  if (flag !== undefined) return neutral(flag ? a : b, result);
  return node("where", [condition, a, b], {}, { shape: result, dtype });
}
