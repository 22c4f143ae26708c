import { is, type OpName, type Tensor, uniformValue } from "../../tensor/index.ts";
import type { Emitter, Ref } from "../emitter.ts";
import { elementCodes } from "../model.ts";
import type { Lowering } from "./lowering.ts";
import { gemmWithAddend, scaledProduct } from "./matmul.ts";
import { dropsAxes } from "./reduce.ts";
import { cos, sin } from "./sine.ts";
import { softplus } from "./softplus.ts";

const direct =
  <Op extends OpName>(op: string): Lowering<Op> =>
  (e, y, ...inputs) =>
    e.node(op, inputs.slice(0, y.inputs.length));

const cast: Lowering<"cast"> = (e, y, x) => e.node("Cast", [x], { to: { int: elementCodes[y.dtype] } });

/** y = x sigmoid(x): one fused node unless a gradient needs the sigmoid anyway. */
const silu: Lowering<"silu"> = (e, y, x) => {
  const shared = e.users(y.inputs[0]!).some((user) => is("sigmoid", user));
  if (e.options.contrib && !shared && y.dtype === "float32")
    return e.contrib("QuickGelu", [x], { alpha: { float: 1 } });
  return e.node("Mul", [x, e.node("Sigmoid", [x])]);
};

const add: Lowering<"add"> = (e, y, a, b) => gemmWithAddend(e, y) ?? e.node("Add", [a, b]);

const mul: Lowering<"mul"> = (e, y, a, b) => meanOf(e, y) ?? scaledProduct(e, y) ?? e.node("Mul", [a, b]);

/** A sum divided by the number of its terms is one ReduceMean, whether its axes are kept or dropped. */
function meanOf(e: Emitter, y: Tensor<"mul">): Ref | undefined {
  const [term, scale] = y.inputs as [Tensor, Tensor];
  const total = is("reshape", term) && e.isPrivate(term) ? term.inputs[0]! : term;
  if (!is("sum", total) || !e.isPrivate(total) || scale.rank > 0) return undefined;
  const x = total.inputs[0]!;
  if (uniformValue(scale) !== total.size / x.size || (term !== total && !dropsAxes(term, total)))
    return undefined;
  const keepdims = { int: term === total ? 1 : 0 };
  return e.node("ReduceMean", [e.ref(x), e.ints(total.attributes.axes)], { keepdims });
}

/** ONNX Runtime's Where takes no booleans. */
const where: Lowering<"where"> = (e, y, condition, then, otherwise) =>
  y.dtype === "bool"
    ? e.node("Or", [e.node("And", [condition, then]), e.node("And", [e.node("Not", [condition]), otherwise])])
    : e.node("Where", [condition, then, otherwise]);

export const elementwiseLowerings = {
  neg: direct<"neg">("Neg"),
  exp: direct<"exp">("Exp"),
  log: direct<"log">("Log"),
  sqrt: direct<"sqrt">("Sqrt"),
  recip: direct<"recip">("Reciprocal"),
  abs: direct<"abs">("Abs"),
  sign: direct<"sign">("Sign"),
  floor: direct<"floor">("Floor"),
  sin,
  cos,
  tanh: direct<"tanh">("Tanh"),
  sigmoid: direct<"sigmoid">("Sigmoid"),
  silu,
  relu: direct<"relu">("Relu"),
  softplus,
  erf: direct<"erf">("Erf"),
  not: direct<"not">("Not"),
  add,
  sub: direct<"sub">("Sub"),
  mul,
  div: direct<"div">("Div"),
  pow: direct<"pow">("Pow"),
  max: direct<"max">("Max"),
  min: direct<"min">("Min"),
  less: direct<"less">("Less"),
  lessEqual: direct<"lessEqual">("LessOrEqual"),
  equal: direct<"equal">("Equal"),
  and: direct<"and">("And"),
  or: direct<"or">("Or"),
  where,
  cast,
};
