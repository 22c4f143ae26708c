import { AdvectError } from "../error.ts";
import { conv, convTranspose, convWeight } from "./ops/convolution.ts";
import {
  add,
  cast,
  cos,
  div,
  exp,
  log,
  mishGate,
  mul,
  neg,
  pow,
  sigmoid,
  sign,
  sin,
  sub,
} from "./ops/elementwise.ts";
import { scatterAdd, take } from "./ops/indexing.ts";
import { expand, flip, reshape, untranspose } from "./ops/layout.ts";
import { matmul } from "./ops/linear.ts";
import { equal, less, where } from "./ops/logic.ts";
import { pad, slice } from "./ops/pieces.ts";
import { cumsum, mean, normalize, rstd, sum, sumTo } from "./ops/reduce.ts";
import type { OpName } from "./primitives.ts";
import type { Tensor } from "./tensor.ts";

/** The cotangent of one input, or null where none flows. Lazy, so that what nobody asks for is not built. */
export type Pullback = (() => Tensor) | null;

/** y = op(inputs) and the cotangent g of y -> the cotangent of each input: x̄ = (dy/dx)ᵀ g. */
type Rule<Op extends OpName> = (
  y: Tensor<Op>,
  g: Tensor,
  ...inputs: [Tensor, Tensor, Tensor]
) => readonly Pullback[];

const broadcast = (g: Tensor, x: Tensor) => sumTo(g, x.shape);
const flat = () => [null, null, null];

/** g shared among the elements of x that equal the extreme y. */
function toExtremes(y: Tensor, g: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  const hit = cast(equal(x, y), x.dtype);
  return mul(div(g, sum(hit, { axes, keepDims: true })), hit);
}

function noGradient(model: string): never {
  throw new AdvectError("unsupported", "grad", {
    expected: "operations with a derivative",
    got: `a call of the foreign model "${model}"`,
    fix: "Put stopGradient around its inputs, or write the model with advect's layers and load its weights.",
  });
}

/** The weight of a in max(a, b): 1 where it wins, 1/2 in a tie. */
function win(a: Tensor, b: Tensor): Tensor {
  return add(cast(less(b, a), a.dtype), mul(cast(equal(a, b), a.dtype), 0.5));
}

/** The parts of g that belong to each input of a concat. */
function cuts(y: Tensor<"concat">, g: Tensor): Pullback[] {
  const { axis } = y.attributes;
  let start = 0;
  return y.inputs.map((part) => {
    const from = start;
    start += part.shape[axis]!;
    const stop = start;
    return () => slice(g, { axis, start: from, stop });
  });
}

/** g put back where the slice took it from, with zeros elsewhere. */
function unslice({ attributes: { starts, steps } }: Tensor<"slice">, g: Tensor, x: Tensor): Tensor {
  const widths = starts.map((start, axis): [number, number] => {
    const covered = g.shape[axis] === 0 ? 0 : (g.shape[axis]! - 1) * steps[axis]! + 1;
    return [start, x.shape[axis]! - start - covered];
  });
  return pad(
    g,
    widths,
    steps.map((step) => step - 1),
  );
}

/** The part of g that pad kept from x. */
function unpad({ attributes: { before, interior } }: Tensor<"pad">, g: Tensor, x: Tensor): Tensor {
  return slice(
    g,
    x.shape.map((length, axis) => {
      const step = interior[axis]! + 1;
      const start = before[axis]!;
      return { axis, start, step, stop: start + Math.max(length - 1, 0) * step + Math.min(length, 1) };
    }),
  );
}

/** da^b/da = b a^(b-1) and da^b/db = a^b log a, with 0 for 0 * infinity. */
function powers(y: Tensor, g: Tensor, a: Tensor, b: Tensor): Pullback[] {
  const slope = () => where(equal(b, 0), 0, mul(b, pow(a, sub(b, 1))));
  return [
    () => broadcast(mul(g, slope()), a),
    () => broadcast(mul(g, mul(y, log(where(equal(y, 0), 1, a)))), b),
  ];
}

export const rules: { readonly [Op in OpName]: Rule<Op> } = {
  input: flat,
  constant: flat,
  stop: flat,
  sign: flat,
  floor: flat,
  not: flat,
  and: flat,
  or: flat,
  less: flat,
  lessEqual: flat,
  equal: flat,
  argMax: flat,
  call: (y) => y.inputs.map(() => () => noGradient(y.attributes.model.name)),

  neg: (_, g) => [() => neg(g)],
  exp: (y, g) => [() => mul(g, y)],
  log: (_, g, x) => [() => div(g, x)],
  sqrt: (y, g) => [() => div(mul(g, 0.5), y)],
  recip: (y, g) => [() => neg(mul(g, mul(y, y)))],
  abs: (_, g, x) => [() => mul(g, sign(x))],
  sin: (_, g, x) => [() => mul(g, cos(x))],
  cos: (_, g, x) => [() => neg(mul(g, sin(x)))],
  tanh: (y, g) => [() => mul(g, sub(1, mul(y, y)))],
  sigmoid: (y, g) => [() => mul(g, mul(y, sub(1, y)))],
  silu: (y, g, x) => [() => mul(g, add(y, mul(sigmoid(x), sub(1, y))))],
  mish: (_, g, x) => {
    const gate = mishGate(x);
    return [() => mul(g, add(gate, mul(mul(x, sigmoid(x)), sub(1, mul(gate, gate)))))];
  },
  relu: (y, g) => [() => mul(g, sign(y))],
  softplus: (_, g, x) => [() => mul(g, sigmoid(x))],
  erf: (_, g, x) => [() => mul(g, mul(2 / Math.sqrt(Math.PI), exp(neg(mul(x, x)))))],

  add: (_, g, a, b) => [() => broadcast(g, a), () => broadcast(g, b)],
  sub: (_, g, a, b) => [() => broadcast(g, a), () => neg(broadcast(g, b))],
  mul: (_, g, a, b) =>
    a === b
      ? [() => mul(mul(g, 2), a), null]
      : [() => broadcast(mul(g, b), a), () => broadcast(mul(g, a), b)],
  div: (y, g, a, b) => [() => broadcast(div(g, b), a), () => neg(broadcast(div(mul(g, y), b), b))],
  pow: powers,
  max: (_, g, a, b) => [() => broadcast(mul(g, win(a, b)), a), () => broadcast(mul(g, win(b, a)), b)],
  min: (_, g, a, b) => [() => broadcast(mul(g, win(b, a)), a), () => broadcast(mul(g, win(a, b)), b)],
  where: (_, g, condition, a, b) => [
    null,
    () => broadcast(where(condition, g, 0), a),
    () => broadcast(where(condition, 0, g), b),
  ],
  opaque: (_, g) => [() => g],
  cast: (_, g, x) => [() => cast(g, x.dtype)],

  sum: (_, g, x) => [() => expand(g, x.shape)],
  reduceMax: (y, g, x) => [() => toExtremes(y, g, x, y.attributes.axes)],
  softmax: (y, g) => [() => mul(y, sub(g, sum(mul(g, y), { axes: -1, keepDims: true })))],
  cumsum: ({ attributes: { axis, exclusive, reverse } }, g) => [
    () => cumsum(g, axis, { exclusive, reverse: !reverse }),
  ],

  reshape: (_, g, x) => [() => reshape(g, x.shape)],
  transpose: (y, g) => [() => untranspose(g, y.attributes.permutation)],
  concat: (y, g) => cuts(y, g),
  slice: (y, g, x) => [() => unslice(y, g, x)],
  pad: (y, g, x) => [() => unpad(y, g, x)],
  expand: (_, g, x) => [() => broadcast(g, x)],
  flip: (y, g) => [() => flip(g, y.attributes.axes)],
  gather: (y, g, x, indices) => [
    () => scatterAdd(indices, g, { shape: x.shape, axis: y.attributes.axis }),
    null,
  ],
  scatterAdd: (y, g, indices) => [null, () => take(g, indices, y.attributes.axis)],

  matmul: (y, g, a, b) => {
    const { transposeA: ta, transposeB: tb } = y.attributes;
    return [
      () => (ta ? matmul(b, g, { transposeA: tb, transposeB: true }) : matmul(g, b, { transposeB: !tb })),
      () => (tb ? matmul(g, a, { transposeA: true, transposeB: ta }) : matmul(a, g, { transposeA: !ta })),
    ];
  },
  conv: ({ attributes: window }, g, x, w) => [
    () => convTranspose(g, w, { window, spatial: x.shape.slice(1, -1) }),
    () => convWeight(x, g, { window, kernel: w.shape.slice(1, -1) }),
  ],
  convTranspose: ({ attributes: window }, h, g, w) => [
    () => conv(h, w, window),
    () => convWeight(h, g, { window, kernel: w.shape.slice(1, -1) }),
  ],
  convWeight: ({ attributes: window }, u, x, g) => [
    () => convTranspose(g, u, { window, spatial: x.shape.slice(1, -1) }),
    () => conv(x, u, window),
  ],

  normalize: (y, g, x) => {
    const { axes, epsilon } = y.attributes;
    const average = (v: Tensor) => mean(v, { axes, keepDims: true });
    return [() => mul(rstd(x, axes, epsilon), sub(sub(g, average(g)), mul(y, average(mul(g, y)))))];
  },
  rstd: (y, g, x) => {
    const { axes, epsilon } = y.attributes;
    const count = x.size / y.size;
    return [() => mul(mul(mul(g, mul(y, y)), -1 / count), normalize(x, axes, epsilon))];
  },
};
