import { sizeOf } from "../../array/nd-array.ts";
import { erf } from "./erf.ts";
import { broadcastOffsets, type Kernel, type Numbers, pick } from "./kernel.ts";

type Unary =
  | "neg"
  | "exp"
  | "log"
  | "sqrt"
  | "recip"
  | "abs"
  | "sign"
  | "floor"
  | "sin"
  | "cos"
  | "tanh"
  | "sigmoid"
  | "silu"
  | "mish"
  | "relu"
  | "softplus"
  | "erf"
  | "not"
  | "stop"
  | "opaque";
type Binary =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "pow"
  | "max"
  | "min"
  | "less"
  | "lessEqual"
  | "equal"
  | "and"
  | "or";

const unary =
  (f: (x: number) => number): Kernel<Unary> =>
  ([x]) =>
    x!.data.map(f);

const binary =
  (f: (a: number, b: number) => number): Kernel<Binary> =>
  ([a, b], _, { shape }) => {
    const left = stretch(a!, shape);
    const right = stretch(b!, shape);
    return left.map((value, i) => f(value, right[i]!));
  };

function stretch(x: Numbers, shape: readonly number[]): Float64Array {
  if (x.data.length === sizeOf(shape)) return x.data;
  return pick(x, broadcastOffsets(x.shape, shape));
}

const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

export const unaryKernels: { [Op in Unary]: Kernel<Op> } = {
  neg: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  recip: unary((x) => 1 / x),
  abs: unary(Math.abs),
  sign: unary(Math.sign),
  floor: unary(Math.floor),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  tanh: unary(Math.tanh),
  sigmoid: unary(sigmoid),
  silu: unary((x) => x * sigmoid(x)),
  mish: unary((x) => x * Math.tanh(softplus(x))),
  relu: unary((x) => Math.max(x, 0)),
  softplus: unary(softplus),
  erf: unary(erf),
  not: unary((x) => (x === 0 ? 1 : 0)),
  stop: unary((x) => x),
  opaque: unary((x) => x),
};

export const binaryKernels: { [Op in Binary]: Kernel<Op> } = {
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  pow: binary((a, b) => a ** b),
  max: binary(Math.max),
  min: binary(Math.min),
  less: binary((a, b) => (a < b ? 1 : 0)),
  lessEqual: binary((a, b) => (a <= b ? 1 : 0)),
  equal: binary((a, b) => (a === b ? 1 : 0)),
  and: binary((a, b) => (a !== 0 && b !== 0 ? 1 : 0)),
  or: binary((a, b) => (a !== 0 || b !== 0 ? 1 : 0)),
};

export const where: Kernel<"where"> = ([condition, then, otherwise], _, { shape }) => {
  const a = stretch(then!, shape);
  const b = stretch(otherwise!, shape);
  return stretch(condition!, shape).map((flag, i) => (flag !== 0 ? a[i]! : b[i]!));
};

export const cast: Kernel<"cast"> = ([x], _, { dtype }) => {
  if (dtype === "bool") return x!.data.map((value) => (value !== 0 ? 1 : 0));
  return x!.data;
};
