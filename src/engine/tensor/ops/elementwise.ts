import type { TensorDType } from "../primitives.ts";
import { broadcastShapes, checkShape } from "../shape.ts";
import {
  constant,
  is,
  isConstant,
  isFloat,
  node,
  type Operand,
  type Tensor,
  uniformValue,
} from "../tensor.ts";
import { expand } from "./layout.ts";
import { needFloat, needNumbers, neutral, numberPair, type Pair } from "./operands.ts";

type Function1 =
  | "exp"
  | "log"
  | "sqrt"
  | "recip"
  | "sin"
  | "cos"
  | "tanh"
  | "sigmoid"
  | "silu"
  | "mish"
  | "relu"
  | "softplus"
  | "erf"
  | "floor";

function unary(op: Function1) {
  return (x: Tensor): Tensor => {
    needFloat(op, x);
    const source = unstretched(x);
    return neutral(node(op, [source], {}, source), x.shape);
  };
}

/** Stretching moves outwards, where the next operation broadcasts and does without it. */
function binary(op: "add" | "sub" | "mul" | "div" | "pow" | "max" | "min", operands: Pair): Tensor {
  const a = unstretched(operands.a);
  const b = unstretched(operands.b);
  const shape = broadcastShapes(op, a.shape, b.shape);
  return neutral(node(op, [a, b], {}, { shape, dtype: operands.dtype }), operands.shape);
}

const unstretched = (x: Tensor): Tensor => (is("expand", x) ? x.inputs[0]! : x);

/** a + b, broadcast. */
export function add(a: Operand, b: Operand): Tensor {
  const operands = numberPair("add", a, b);
  if (uniformValue(operands.b) === 0) return neutral(operands.a, operands.shape);
  if (uniformValue(operands.a) === 0) return neutral(operands.b, operands.shape);
  return binary("add", operands);
}

/** a - b, broadcast. */
export function sub(a: Operand, b: Operand): Tensor {
  const operands = numberPair("sub", a, b);
  if (uniformValue(operands.b) === 0) return neutral(operands.a, operands.shape);
  if (uniformValue(operands.a) === 0) return neg(neutral(operands.b, operands.shape));
  return binary("sub", operands);
}

/** a * b, broadcast; 0 * x is taken to be 0. */
export function mul(a: Operand, b: Operand): Tensor {
  const operands = constantLast(numberPair("mul", a, b));
  const { a: x, b: y, shape, dtype } = operands;
  const factor = uniformValue(y);
  if (factor === 0) return filled(shape, 0, dtype);
  if (factor === 1) return neutral(x, shape);
  if (factor === -1) return neg(neutral(x, shape));
  return mergeScales(x, y) ?? binary("mul", operands);
}

function constantLast(operands: Pair): Pair {
  const swap = uniformValue(operands.a) !== undefined && uniformValue(operands.b) === undefined;
  return swap ? { ...operands, a: operands.b, b: operands.a } : operands;
}

/** (x * c1) * c2 = x * (c1 c2), for scalars. */
function mergeScales(product: Tensor, scale: Tensor): Tensor | undefined {
  if (!is("mul", product) || !isConstant(scale) || scale.rank > 0) return undefined;
  const [x, inner] = product.inputs as [Tensor, Tensor];
  return isConstant(inner) && inner.rank === 0 ? mul(x, mul(inner, scale)) : undefined;
}

/** a / b, broadcast; whole numbers truncate towards 0. */
export function div(a: Operand, b: Operand): Tensor {
  const operands = numberPair("div", a, b);
  if (!isFloat(operands.a)) return binary("div", operands);
  const divisor = operands.b.rank === 0 ? uniformValue(operands.b) : undefined;
  if (divisor !== undefined && divisor !== 0) return mul(operands.a, 1 / divisor);
  if (uniformValue(operands.a) === 1) return neutral(recip(operands.b), operands.shape);
  return binary("div", operands);
}

/** a to the power b, broadcast. */
export function pow(a: Operand, b: Operand): Tensor {
  const operands = numberPair("pow", a, b);
  const short = operands.b.rank === 0 ? shortPowers[uniformValue(operands.b) ?? Number.NaN] : undefined;
  return short && isFloat(operands.a) ? short(operands.a) : binary("pow", operands);
}

const shortPowers: Readonly<Record<number, (x: Tensor) => Tensor>> = {
  1: (x) => x,
  2: (x) => mul(x, x),
  3: (x) => mul(x, mul(x, x)),
  0.5: (x) => sqrt(x),
  [-1]: (x) => recip(x),
  [-0.5]: (x) => recip(sqrt(x)),
};

/** The larger of a and b, element by element; a tie shares the gradient. */
export const maximum = (a: Operand, b: Operand): Tensor => binary("max", numberPair("maximum", a, b));
/** The smaller of a and b, element by element; a tie shares the gradient. */
export const minimum = (a: Operand, b: Operand): Tensor => binary("min", numberPair("minimum", a, b));

function signed(op: "neg" | "abs" | "sign", x: Tensor): Tensor {
  needNumbers(op, x);
  return node(op, [x], {}, x);
}

/** -x */
export const neg = (x: Tensor): Tensor => (is("neg", x) ? x.inputs[0]! : signed("neg", x));
/** |x| */
export const abs = (x: Tensor): Tensor => signed("abs", x);
/** -1, 0 or 1 */
export const sign = (x: Tensor): Tensor => signed("sign", x);

/** e to the power x */
export const exp = unary("exp");
/** The natural logarithm. */
export const log = unary("log");
/** The square root. */
export const sqrt = unary("sqrt");
/** 1 / x */
export const recip = unary("recip");
/** The sine of x radians. */
export const sin = unary("sin");
/** The cosine of x radians. */
export const cos = unary("cos");
/** The hyperbolic tangent. */
export const tanh = unary("tanh");
/** The largest whole number <= x; derivative 0. */
export const floor = unary("floor");
/** 1 / (1 + exp(-x)) */
export const sigmoid = unary("sigmoid");
/** x sigmoid(x), also called swish */
export const silu = unary("silu");
/** x tanh(softplus(x)) [misra2019] */
export const mish = unary("mish");

/**
 * tanh(softplus(x)) = n / (2 - n) with s = sigmoid(x), n = s (2 - s), since 1 + exp(x) = 1 / (1 - s): nothing overflows.
 */
export function mishGate(x: Tensor): Tensor {
  const s = sigmoid(x);
  const n = mul(s, sub(2, s));
  return div(n, sub(2, n));
}

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
  checkShape("filled", shape);
  return expand(constant(value, dtype), shape);
}

/** x held in [low, high]; the gradient is 0 outside, and half at a bound itself. */
export function clip(x: Tensor, { low, high }: { readonly low?: Operand; readonly high?: Operand }): Tensor {
  const raised = low === undefined ? x : maximum(x, low);
  return high === undefined ? raised : minimum(raised, high);
}
