import { AdvectError } from "../../error.ts";
import type { OpName, TensorDType } from "../primitives.ts";
import { broadcastShapes, sameShape } from "../shape.ts";
import {
  constant,
  is,
  isConstant,
  isFloat,
  lift,
  node,
  type Operand,
  Tensor,
  uniformValue,
} from "../tensor.ts";
import { expand } from "./layout.ts";

type Arithmetic = "add" | "sub" | "mul" | "div" | "pow" | "max" | "min";
type Comparison = "less" | "lessEqual" | "equal";

function unary(
  op: OpName &
    (
      | "exp"
      | "log"
      | "sqrt"
      | "recip"
      | "sin"
      | "cos"
      | "tanh"
      | "sigmoid"
      | "silu"
      | "relu"
      | "softplus"
      | "erf"
      | "floor"
    ),
) {
  return (x: Tensor): Tensor => {
    needFloat(op, x);
    return node(op, [x], {}, x);
  };
}

function needFloat(where: string, x: Tensor): void {
  if (isFloat(x)) return;
  throw new AdvectError("option", where, {
    expected: "a float tensor",
    got: x.dtype,
    fix: 'Convert it with cast(x, "float32").',
  });
}

/** Both operands as tensors of one dtype, and the broadcast type of the result. */
function pair(
  where: string,
  a: Operand,
  b: Operand,
): { a: Tensor; b: Tensor; shape: number[]; dtype: TensorDType } {
  const like = a instanceof Tensor ? a : b instanceof Tensor ? b : "float32";
  const left = lift(a, like);
  const right = lift(b, like);
  if (left.dtype !== right.dtype) {
    throw new AdvectError("option", where, {
      expected: "operands of one dtype",
      got: `${left.dtype} and ${right.dtype}`,
      fix: "Convert one of them with cast(x, dtype).",
    });
  }
  return { a: left, b: right, shape: broadcastShapes(where, left.shape, right.shape), dtype: left.dtype };
}

function arithmetic(op: Arithmetic, a: Operand, b: Operand): Tensor {
  const operands = pair(op, a, b);
  if (operands.dtype === "bool") {
    throw new AdvectError("option", op, {
      expected: "numbers",
      got: "bool",
      fix: 'Convert with cast(x, "float32").',
    });
  }
  return node(op, [operands.a, operands.b], {}, operands);
}

function comparison(op: Comparison, a: Operand, b: Operand): Tensor {
  const operands = pair(op, a, b);
  return node(op, [operands.a, operands.b], {}, { shape: operands.shape, dtype: "bool" });
}

/** `x` when the result of an operation with a neutral element is `x` itself, stretched to the result's shape. */
function neutral(x: Tensor, shape: readonly number[]): Tensor {
  return sameShape(x.shape, shape) ? x : expand(x, shape);
}

/** a + b, broadcast. */
export function add(a: Operand, b: Operand): Tensor {
  const operands = pair("add", a, b);
  if (uniformValue(operands.b) === 0) return neutral(operands.a, operands.shape);
  if (uniformValue(operands.a) === 0) return neutral(operands.b, operands.shape);
  return arithmetic("add", operands.a, operands.b);
}

/** a - b, broadcast. */
export function sub(a: Operand, b: Operand): Tensor {
  const operands = pair("sub", a, b);
  if (uniformValue(operands.b) === 0) return neutral(operands.a, operands.shape);
  if (uniformValue(operands.a) === 0) return neg(neutral(operands.b, operands.shape));
  return arithmetic("sub", operands.a, operands.b);
}

/** a * b, broadcast; 0 * x is taken to be 0. */
export function mul(a: Operand, b: Operand): Tensor {
  const operands = pair("mul", a, b);
  const left = uniformValue(operands.a);
  const right = uniformValue(operands.b);
  if (left === 0 || right === 0) return filled(operands.shape, 0, operands.dtype);
  if (right === 1) return neutral(operands.a, operands.shape);
  if (left === 1) return neutral(operands.b, operands.shape);
  if (right === -1) return neg(neutral(operands.a, operands.shape));
  if (left === -1) return neg(neutral(operands.b, operands.shape));
  const merged = mergeScales(operands.a, operands.b) ?? mergeScales(operands.b, operands.a);
  return merged ?? arithmetic("mul", operands.a, operands.b);
}

/** (x * c1) * c2 = x * (c1 c2), for scalars. */
function mergeScales(product: Tensor, scale: Tensor): Tensor | undefined {
  if (!is("mul", product) || !isConstant(scale) || scale.rank > 0) return undefined;
  const [x, inner] = product.inputs as [Tensor, Tensor];
  return isConstant(inner) && inner.rank === 0 ? mul(x, mul(inner, scale)) : undefined;
}

/** a / b, broadcast. */
export function div(a: Operand, b: Operand): Tensor {
  const operands = pair("div", a, b);
  const divisor = uniformValue(operands.b);
  if (divisor !== undefined && divisor !== 0 && isFloat(operands.a) && operands.b.rank === 0) {
    return mul(operands.a, constant(1 / divisor, operands.dtype));
  }
  if (uniformValue(operands.a) === 1 && isFloat(operands.b))
    return neutral(recip(operands.b), operands.shape);
  return arithmetic("div", operands.a, operands.b);
}

/** a to the power b, broadcast. */
export function pow(a: Operand, b: Operand): Tensor {
  const operands = pair("pow", a, b);
  const short = operands.b.rank === 0 ? shortPowers[uniformValue(operands.b) ?? Number.NaN] : undefined;
  return short && isFloat(operands.a) ? short(operands.a) : arithmetic("pow", operands.a, operands.b);
}

const shortPowers: Readonly<Record<number, (x: Tensor) => Tensor>> = {
  1: (x) => x,
  2: (x) => mul(x, x),
  3: (x) => mul(x, mul(x, x)),
  0.5: (x) => sqrt(x),
  [-1]: (x) => recip(x),
  [-0.5]: (x) => recip(sqrt(x)),
};

/** The larger of a and b, element by element. */
export const maximum = (a: Operand, b: Operand): Tensor => arithmetic("max", a, b);
/** The smaller of a and b, element by element. */
export const minimum = (a: Operand, b: Operand): Tensor => arithmetic("min", a, b);

export const less = (a: Operand, b: Operand): Tensor => comparison("less", a, b);
export const lessEqual = (a: Operand, b: Operand): Tensor => comparison("lessEqual", a, b);
export const greater = (a: Operand, b: Operand): Tensor => comparison("less", b, a);
export const greaterEqual = (a: Operand, b: Operand): Tensor => comparison("lessEqual", b, a);
export const equal = (a: Operand, b: Operand): Tensor => comparison("equal", a, b);

function logic(op: "and" | "or", a: Tensor, b: Tensor): Tensor {
  needBool(op, a);
  needBool(op, b);
  return node(op, [a, b], {}, { shape: broadcastShapes(op, a.shape, b.shape), dtype: "bool" });
}

function needBool(where: string, x: Tensor): void {
  if (x.dtype === "bool") return;
  throw new AdvectError("option", where, {
    expected: "a bool tensor",
    got: x.dtype,
    fix: "Compare it first, as in less(a, b).",
  });
}

export const and = (a: Tensor, b: Tensor): Tensor => logic("and", a, b);
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

/** -x */
export function neg(x: Tensor): Tensor {
  return is("neg", x) ? x.inputs[0]! : node("neg", [x], {}, x);
}

/** |x| */
export const abs = (x: Tensor): Tensor => node("abs", [x], {}, x);
/** -1, 0 or 1 */
export const sign = (x: Tensor): Tensor => node("sign", [x], {}, x);

export const exp = unary("exp");
/** The natural logarithm. */
export const log = unary("log");
export const sqrt = unary("sqrt");
/** 1 / x */
export const recip = unary("recip");
export const sin = unary("sin");
export const cos = unary("cos");
export const tanh = unary("tanh");
/** The largest whole number <= x; derivative 0. */
export const floor = unary("floor");
/** 1 / (1 + exp(-x)) */
export const sigmoid = unary("sigmoid");
/** x sigmoid(x), also called swish */
export const silu = unary("silu");
/** max(x, 0) */
export const relu = unary("relu");
/** log(1 + exp(x)) */
export const softplus = unary("softplus");
/** 2 / sqrt(pi) times the integral of exp(-s^2) from 0 to x */
export const erf = unary("erf");

/** x as another dtype: floats truncate towards 0 to int32; bool is x != 0. */
export function cast(x: Tensor, dtype: TensorDType): Tensor {
  return x.dtype === dtype ? x : node("cast", [x], {}, { shape: x.shape, dtype });
}

/** x, through which no gradient flows. */
export function stopGradient(x: Tensor): Tensor {
  return is("stop", x) || isConstant(x) ? x : node("stop", [x], {}, x);
}

/** A constant of the given shape whose elements all equal `value`. */
export function filled(shape: readonly number[], value: number, dtype: TensorDType = "float32"): Tensor {
  return expand(constant(value, dtype), shape);
}

/** x held in [low, high]; the gradient is 0 outside. */
export function clip(x: Tensor, { low, high }: { readonly low?: Operand; readonly high?: Operand }): Tensor {
  const raised = low === undefined ? x : maximum(x, low);
  return high === undefined ? raised : minimum(raised, high);
}
