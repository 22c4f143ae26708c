import fc from "fast-check";
import type { OpName, Tensor, TensorDType } from "../../../src/engine/tensor/index.ts";
import * as t from "../../../src/engine/tensor/index.ts";
import {
  type Case,
  lengths,
  type Numbers,
  narrowed,
  numbers,
  seeds,
  shapeAndAxes,
  shapeAndAxis,
  shapes,
  together,
} from "./lower-cases.ts";

/** How to make random cases of one primitive. */
export interface Primitive {
  readonly dtypes: readonly TensorDType[];
  readonly cases: (dtype: TensorDType) => fc.Arbitrary<Case>;
}

const floats = ["float32", "float64"] as const;
const numeric = ["float32", "float64", "int32"] as const;
const every = ["float32", "float64", "int32", "bool"] as const;

function unary(
  fn: (x: Tensor) => Tensor,
  range?: readonly [number, number],
  dtypes: readonly TensorDType[] = floats,
): Primitive {
  const cases = (dtype: TensorDType) =>
    fc.tuple(shapes(), seeds).map(([shape, seed]): Case => {
      const options = range ? { dtype, range, seed } : { dtype, seed };
      return { label: fn.name, fn, inputs: [numbers(shape, options)] };
    });
  return { dtypes, cases };
}

interface Operands {
  readonly dtypes?: readonly TensorDType[];
  readonly left?: Numbers;
  readonly right?: Numbers;
}

function binary(fn: (a: Tensor, b: Tensor) => Tensor, options: Operands = {}): Primitive {
  const { dtypes = numeric, left, right } = options;
  const cases = (dtype: TensorDType) =>
    fc.tuple(together(2), seeds).map(([[a, b], seed]): Case => {
      const operands = [
        numbers(a!, { dtype, seed, ...left }),
        numbers(b!, { dtype, seed: seed + 1, ...right }),
      ];
      return { label: fn.name, fn, inputs: operands };
    });
  return { dtypes, cases };
}

/** One operand, and attributes drawn together with its shape. */
function shaped<A extends { readonly shape: readonly number[] }>(
  arbitrary: fc.Arbitrary<A>,
  fn: (x: Tensor, attributes: A) => Tensor,
  dtypes: readonly TensorDType[] = numeric,
): Primitive {
  const cases = (dtype: TensorDType) =>
    fc.tuple(arbitrary, seeds).map(
      ([attributes, seed]): Case => ({
        label: JSON.stringify(attributes),
        fn: (x) => fn(x, attributes),
        inputs: [numbers(attributes.shape, { dtype, seed })],
      }),
    );
  return { dtypes, cases };
}

const perAxis = <A>(shape: readonly number[], of: (length: number) => fc.Arbitrary<A>) =>
  fc.tuple(...shape.map(of));

const range = (length: number) =>
  fc.record({
    start: fc.integer({ min: -length, max: length - 1 }),
    size: fc.integer({ min: 1, max: length }),
    step: fc.integer({ min: 1, max: 3 }),
  });

const sliced = shapes(1).chain((shape) =>
  fc.record({ shape: fc.constant(shape), ranges: perAxis(shape, range) }),
);

function slice(
  x: Tensor,
  { ranges }: { readonly ranges: { start: number; size: number; step: number }[] },
): Tensor {
  return t.slice(
    x,
    ranges.map(({ start, size, step }, axis) => {
      const from = start < 0 ? start + x.shape[axis]! : start;
      return { axis, start, stop: Math.min(from + size, x.shape[axis]!), step };
    }),
  );
}

const upTo = (max: number) => fc.integer({ min: 0, max });
const padded = shapes(1).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    widths: perAxis(shape, () => fc.tuple(upTo(2), upTo(2))),
    interior: perAxis(shape, () => upTo(2)),
  }),
);

const permuted = shapes(2).chain((shape) => {
  const axes = shape.map((_, axis) => axis);
  return fc.record({
    shape: fc.constant(shape),
    permutation: fc.shuffledSubarray(axes, { minLength: axes.length, maxLength: axes.length }),
  });
});

const stretched = shapes().chain((target) =>
  fc.record({ shape: narrowed(target), target: fc.constant(target) }),
);

const indexed = fc
  .tuple(shapeAndAxis, shapes(0, 2))
  .map(([{ shape, axis }, places]) => ({ shape, axis, places }));

const gather = {
  dtypes: every,
  cases: (dtype: TensorDType) =>
    fc.tuple(indexed, seeds).map(([{ shape, axis, places }, seed]): Case => {
      const indices = numbers(places, { dtype: "int32", range: [0, shape[axis]! - 1], seed });
      const fn = (x: Tensor, index: Tensor) => t.take(x, index, axis);
      return { label: `take on ${axis}`, fn, inputs: [numbers(shape, { dtype, seed }), indices] };
    }),
};

const scatterAdd = {
  dtypes: numeric,
  cases: (dtype: TensorDType) =>
    fc.tuple(indexed, seeds).map(([{ shape, axis, places }, seed]): Case => {
      const indices = numbers(places, { dtype: "int32", range: [0, shape[axis]! - 1], seed });
      const updates = numbers([...shape.slice(0, axis), ...places, ...shape.slice(axis + 1)], {
        dtype,
        seed,
      });
      const fn = (index: Tensor, values: Tensor) => t.scatterAdd(index, values, { shape, axis });
      return { label: `scatterAdd on ${axis}`, fn, inputs: [indices, updates] };
    }),
};

const concat = {
  dtypes: every,
  cases: (dtype: TensorDType) =>
    fc
      .tuple(shapeAndAxis, fc.array(lengths, { minLength: 2, maxLength: 4 }), seeds)
      .map(([{ shape, axis }, parts, seed]): Case => {
        const shapeOf = (length: number) => shape.map((own, i) => (i === axis ? length : own));
        const inputs = parts.map((length, i) => numbers(shapeOf(length), { dtype, seed: seed + i }));
        return { label: `concat on ${axis}`, fn: (...xs) => t.concat(xs, axis), inputs };
      }),
};

const where = {
  dtypes: every,
  cases: (dtype: TensorDType) =>
    fc.tuple(together(3), seeds).map(([[condition, a, b], seed]): Case => {
      const operands = [numbers(a!, { dtype, seed }), numbers(b!, { dtype, seed: seed + 1 })];
      const flags = numbers(condition!, { dtype: "bool", seed: seed + 2 });
      return { label: "where", fn: t.where, inputs: [flags, ...operands] };
    }),
};

const cast = {
  dtypes: every,
  cases: (dtype: TensorDType) =>
    fc.tuple(shapes(), fc.constantFrom(...every), seeds).map(
      ([shape, to, seed]): Case => ({
        label: `cast to ${to}`,
        fn: (x) => t.cast(x, to),
        inputs: [numbers(shape, { dtype, seed })],
      }),
    ),
};

const products = fc
  .record({
    batch: shapes(0, 2),
    m: lengths,
    k: lengths,
    n: lengths,
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
  })
  .chain((product) => fc.record({ left: narrowed(product.batch), product: fc.constant(product) }));

const matmul = {
  dtypes: numeric,
  cases: (dtype: TensorDType) =>
    fc.tuple(products, seeds).map(([{ left, product }, seed]): Case => {
      const { batch, m, k, n, transposeA, transposeB } = product;
      const a = numbers([...left, ...(transposeA ? [k, m] : [m, k])], { dtype, seed });
      const b = numbers([...batch, ...(transposeB ? [n, k] : [k, n])], { dtype, seed: seed + 1 });
      const fn = (x: Tensor, y: Tensor) => t.matmul(x, y, { transposeA, transposeB });
      return { label: `matmul ${transposeA} ${transposeB}`, fn, inputs: [a, b] };
    }),
};

const window: t.Window = { stride: [1, 2], padding: [[1, 0], [0, 1]], dilation: [1, 1], groups: 1 }; // biome-ignore format: one line
const kernel = [2, 3];
const [spatial, output] = [
  [4, 5],
  [4, 2],
];

/** Their geometry is varied in convolution.test.ts. */
function convolution(
  fn: (a: Tensor, b: Tensor) => Tensor,
  left: readonly number[],
  right: readonly number[],
): Primitive {
  return {
    dtypes: floats,
    cases: (dtype) =>
      seeds.map((seed) => ({
        label: "convolution",
        fn,
        inputs: [numbers(left, { dtype, seed }), numbers(right, { dtype, seed: seed + 1 })],
      })),
  };
}

const running = fc
  .tuple(shapeAndAxis, fc.record({ exclusive: fc.boolean(), reverse: fc.boolean() }))
  .map(([place, options]) => ({ ...place, options }));

const reshaped = shapes().chain((shape) => fc.record({ shape: fc.constant(shape), split: fc.boolean() }));

const epsilon = 1e-3;
const manyTies: readonly [number, number] = [0, 2];

/** Every primitive that the emitter lowers or rewrites, and the dtypes that advect's operations give it. */
export const primitives: Readonly<Record<Exclude<OpName, "input" | "constant" | "call">, Primitive>> = {
  neg: unary(t.neg, undefined, numeric),
  exp: unary(t.exp),
  log: unary(t.log, [0.01, 9]),
  sqrt: unary(t.sqrt, [0, 9]),
  recip: unary(t.recip, [0.2, 9]),
  abs: unary(t.abs, undefined, numeric),
  sign: unary(t.sign, undefined, numeric),
  floor: unary(t.floor),
  sin: unary(t.sin, [-20, 20]),
  cos: unary(t.cos, [-20, 20]),
  tanh: unary(t.tanh, [-9, 9]),
  sigmoid: unary(t.sigmoid, [-20, 20]),
  silu: unary(t.silu, [-20, 20]),
  mish: unary(t.mish, [-90, 90]),
  relu: unary(t.relu),
  softplus: unary(t.softplus, [-90, 90]),
  erf: unary(t.erf),
  not: unary(t.not, undefined, ["bool"]),

  add: binary(t.add),
  sub: binary(t.sub),
  mul: binary(t.mul),
  div: binary(t.div, { right: { range: [1, 4] } }),
  pow: binary(t.pow, { left: { range: [1, 3] }, right: { range: [0, 4] } }),
  max: binary(t.maximum),
  min: binary(t.minimum),
  less: binary(t.less),
  lessEqual: binary(t.lessEqual),
  equal: binary(t.equal, { dtypes: every }),
  and: binary(t.and, { dtypes: ["bool"] }),
  or: binary(t.or, { dtypes: ["bool"] }),
  where,
  cast,
  stop: unary(t.stopGradient, undefined, every),
  opaque: unary((x) => t.opaque(t.reshape(x, [...x.shape, 1])), undefined, every),

  sum: shaped(shapeAndAxes(), (x, { axes }) => t.sum(x, { axes, keepDims: true })),
  reduceMax: shaped(shapeAndAxes(), (x, { axes }) => t.max(x, { axes, keepDims: true })),
  argMax: {
    dtypes: numeric,
    cases: (dtype) =>
      fc.tuple(shapeAndAxis, seeds).map(
        ([{ shape, axis }, seed]): Case => ({
          label: `argMax on ${axis}`,
          fn: (x) => t.argMax(t.cast(x, dtype), axis),
          inputs: [numbers(shape, { dtype: "int32", range: manyTies, seed })],
        }),
      ),
  },
  softmax: shaped(shapeAndAxis, (x, { axis }) => t.softmax(x, axis), floats),
  cumsum: shaped(running, (x, { axis, options }) => t.cumsum(x, axis, options)),

  reshape: shaped(reshaped, (x, { split }) => t.reshape(x, split ? [1, -1, 1] : [-1]), every),
  transpose: shaped(permuted, (x, { permutation }) => t.transpose(x, permutation), every),
  concat,
  slice: shaped(sliced, slice, every),
  pad: shaped(padded, (x, { widths, interior }) => t.pad(x, widths, interior), every),
  expand: shaped(stretched, (x, { target }) => t.expand(x, target), every),
  flip: shaped(shapeAndAxes(), (x, { axes }) => t.flip(x, axes), every),
  gather,
  scatterAdd,
  matmul,

  conv: convolution((x, w) => t.conv(x, w, window), [2, ...spatial, 3], [4, ...kernel, 3]),
  convTranspose: convolution(
    (g, w) => t.convTranspose(g, w, { window, spatial }),
    [2, ...output, 4],
    [4, ...kernel, 3],
  ),
  convWeight: convolution(
    (x, g) => t.convWeight(x, g, { window, kernel }),
    [2, ...spatial, 3],
    [2, ...output, 4],
  ),

  normalize: shaped(shapeAndAxes(), (x, { axes }) => t.normalize(x, axes, epsilon), floats),
  rstd: shaped(shapeAndAxes(), (x, { axes }) => t.rstd(x, axes, epsilon), floats),
};
