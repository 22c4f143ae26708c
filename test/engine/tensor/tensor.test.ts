import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { array, type NdArray, ndarray } from "../../../src/engine/array/index.ts";
import {
  add,
  ancestors,
  concat,
  constant,
  conv,
  div,
  exp,
  expand,
  filled,
  grad,
  input,
  interpret,
  isConstant,
  less,
  maximum,
  mean,
  mul,
  neg,
  pow,
  reshape,
  sin,
  slice,
  softmax,
  sub,
  sum,
  type Tensor,
  tanh,
  transpose,
  uniformValue,
  where,
} from "../../../src/engine/tensor/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { expectClose, forAll } from "./reference.ts";

const float = (name: string, ...shape: number[]) => input(name, { shape, dtype: "float64" });

describe("equal expressions", () => {
  const x = float("x", 2, 3);

  test("over the same inputs are the same object", () => {
    const build = () => softmax(add(mul(exp(x), 2), reshape(sum(x, { axes: 1 }), [2, 1])));
    expect(build()).toBe(build());
    expect(mul(x, 2)).toBe(mul(2, x));
    expect(mul(x, filled([2, 3], 2, "float64"))).toBe(mul(x, 2));
    expect(add(x, constant(array([1, 1, 1], "float64")))).toBe(add(x, 1));
  });

  test("with other attributes, numbers, shapes or dtypes are not", () => {
    expect(sum(x, { axes: 0 })).not.toBe(sum(x, { axes: 1 }));
    expect(slice(x, { axis: 1, start: 0, stop: 2 })).not.toBe(slice(x, { axis: 1, start: 1, stop: 3 }));
    expect(add(x, 0.1)).not.toBe(add(x, 0.2));
    expect(div(0, x)).not.toBe(div(-0, x));
    expect(reshape(x, [6])).not.toBe(reshape(x, [3, 2]));
    expect(x.cast("float32")).not.toBe(x.cast("int32"));
    expect(add(x, 0.1)).not.toBe(add(0.1, 0.2));
    expect(expand(float("y"), [2, 1])).not.toBe(expand(float("y"), [1, 2]));
    expect(exp(float("x", 2, 3))).not.toBe(exp(x));
    const zeros = (count: number) => filled([count, 3], 0, "float64");
    expect(concat([zeros(1), x, zeros(2)])).not.toBe(concat([zeros(2), x, zeros(1)]));
    expect(concat([zeros(1), x, zeros(2)])).toBe(concat([zeros(1), x, zeros(2)]));
  });

  test("are the same whatever the order of the entries of a convolution window", () => {
    const [image, kernel] = [float("image", 1, 4, 1), float("kernel", 1, 2, 1)];
    const window = { stride: [1], padding: [[0, 0]], dilation: [1], groups: 1 } as const;
    const { groups, dilation, padding, stride } = window;
    expect(conv(image, kernel, { groups, dilation, padding, stride })).toBe(conv(image, kernel, window));
    expect(conv(image, kernel, { ...window, stride: [2] })).not.toBe(conv(image, kernel, window));
  });

  test("hold for large constants by object, since their numbers are not compared", () => {
    const [a, b] = [1, 1].map((seed) => constant(sample([40, 40], seed)));
    const y = float("y", 40, 40);
    expect(add(y, a!)).toBe(add(y, a!));
    expect(add(y, a!)).not.toBe(add(y, b!));
  });
});

test("a graph dies with its inputs: nothing global keeps it", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const trace = () => {
    const x = float("x", 8, 8);
    const loss = mean(softmax(mul(tanh(x), filled([64, 64, 8, 8], 2, "float64"))));
    return [x, loss, grad(loss, x)].map((tensor) => new WeakRef(tensor));
  };
  const references = trace();
  await new Promise((resolve) => setTimeout(resolve, 0));
  collect();
  expect(references.map((reference) => reference.deref())).toEqual([undefined, undefined, undefined]);
});

describe("folding", () => {
  const x = float("x", 2, 3);

  test("expressions of small constants are constants", () => {
    const y = softmax(add(constant(sample([4, 4], 1)), filled([4, 4], 1, "float64")).mul(3));
    expect(isConstant(y)).toBe(true);
    expect(less(1, 2)).toMatchObject({ op: "constant", dtype: "bool" });
    expect(filled([40, 40], 1).op).toBe("expand");
  });

  test("neutral elements vanish, also broadcast ones and in large shapes", () => {
    const zeros = filled([500, 2, 3], 0, "float64");
    for (const y of [add(x, 0), add(0, x), sub(x, 0), mul(x, 1), mul(1, x), div(x, 1), pow(x, 1)])
      expect(y).toBe(x);
    expect(neg(neg(x))).toBe(x);
    expect(sub(0, x)).toBe(neg(x));
    expect(mul(x, -1)).toBe(neg(x));
    expect(add(x, zeros)).toMatchObject({ op: "expand", inputs: [x], shape: [500, 2, 3] });
    expect(mul(x, zeros)).toMatchObject({ op: "expand", shape: [500, 2, 3], dtype: "float64" });
    expect(uniformValue(mul(x, zeros))).toBe(0);
    expect(mul(input("i", { shape: [2], dtype: "int32" }), 0)).toMatchObject({
      op: "constant",
      dtype: "int32",
    });
  });

  test("scales of scales are one scale, also across a division", () => {
    const y = div(mul(mul(x, 2), 3), 4);
    expect(y.inputs[0]).toBe(x);
    expect(uniformValue(y.inputs[1]!)).toBe(1.5);
  });

  test("a constant that repeats one number is used as that number", () => {
    const y = add(exp(x), filled([2, 3], 4, "float64"));
    expect(y.inputs.map(({ rank }) => rank)).toEqual([2, 0]);
  });

  test("uniformValue knows small constants and what they are expanded to, and nothing else", () => {
    expect(uniformValue(constant(array([2, 2])))).toBe(2);
    expect(uniformValue(constant(array([2, 3])))).toBe(undefined);
    expect(uniformValue(filled([100, 100], 7))).toBe(7);
    expect(uniformValue(constant(array([Number.NaN, Number.NaN])))).toBe(Number.NaN);
    expect(uniformValue(constant(array([0, -0])))).toBe(undefined);
    expect(uniformValue(constant(array([])))).toBe(undefined);
    expect(uniformValue(constant(ndarray(new Float32Array(2000).fill(1), [2000])))).toBe(undefined);
    expect(uniformValue(x)).toBe(undefined);
  });
});

/** A random expression: an index of an operation, and its operands; leaves are variables or numbers. */
type Expression =
  | { readonly leaf: "x" | "y" | number }
  | { readonly op: number; readonly args: readonly Expression[] };

const operations: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
  add,
  sub,
  mul,
  (a, b) => div(a, add(mul(b, b), 1)),
  (a) => neg(a),
  (a) => sin(a),
  (a) => tanh(a),
  (a) => exp(neg(mul(a, a))),
  (a) => pow(add(mul(a, a), 1), -0.5),
  (a, b) => maximum(a, b),
  (a, b) => where(less(a, b), a, mul(b, 2)),
  (a) => transpose(a),
  (a) => expand(reshape(sum(a, { axes: 0 }), [1, -1]), a.shape),
  (a, b) => a.matmul(b, { transposeB: true }),
  (a) => mean(a, { axes: 1, keepDims: true }).expand(a.shape),
  (a) => softmax(a, 0),
  (a) =>
    slice(reshape(a, [4]), { axis: 0, start: 1 })
      .sum()
      .add(a),
];

const { tree } = fc.letrec<{ tree: Expression; leaf: Expression; branch: Expression }>((tie) => ({
  tree: fc.oneof({ maxDepth: 5 }, tie("leaf"), tie("branch"), tie("branch")),
  leaf: fc.oneof(
    fc.constantFrom<Expression>({ leaf: "x" }, { leaf: "y" }),
    fc.constantFrom(0, 1, -1, 2, 0.5).map((leaf) => ({ leaf })),
  ),
  branch: fc.record({
    op: fc.nat(operations.length - 1),
    args: fc.tuple(tie("tree"), tie("tree")),
  }),
}));

/** The value of an expression over [2, 2] matrices; `number` says how a number enters the graph. */
function build(expression: Expression, x: Tensor, y: Tensor, number: (value: number) => Tensor): Tensor {
  if ("leaf" in expression) {
    const { leaf } = expression;
    return leaf === "x" ? x : leaf === "y" ? y : number(leaf);
  }
  const [a, b] = expression.args.map((arg) => build(arg, x, y, number));
  return operations[expression.op]!(a!, b!);
}

test("folding and simplification change neither values nor gradients of random expressions", () => {
  forAll(
    tree,
    (expression) => {
      const { values, hidden } = bothWays(expression, sample([2, 2], 1), sample([2, 2], 2));
      values.forEach((value, i) => expectClose(value, hidden[i]!, 9));
    },
    400,
  );
});

/** Value and gradients with numbers as constants (folded), and with the same numbers fed through inputs (not). */
function bothWays(expression: Expression, x: NdArray, y: NdArray) {
  const results = (a: Tensor, b: Tensor, number: (value: number) => Tensor) => {
    const value = build(expression, a, b, number);
    return [value, ...grad(sum(value), [a, b])];
  };
  const values = interpret(
    (a: Tensor, b: Tensor) => results(a, b, (value) => filled([2, 2], value, "float64")),
    x,
    y,
  );
  const numbers = [0, 1, -1, 2, 0.5];
  const hidden = interpret(
    (a: Tensor, b: Tensor, list: readonly Tensor[]) =>
      results(a, b, (value) => list[numbers.indexOf(value)]!),
    x,
    y,
    numbers.map((value) => ndarray(new Float64Array(4).fill(value), [2, 2], "float64")),
  );
  return { values, hidden };
}

test("ids grow from inputs to outputs, so that ancestors come in topological order", () => {
  const x = float("x", 3);
  const list = ancestors([grad(sum(sin(mul(x, exp(x)))), x)]);
  list.forEach((tensor, place) => {
    for (const source of tensor.inputs) expect(list.indexOf(source)).toBeLessThan(place);
  });
  expect(list).toContain(x);
});

test("a training graph of some five thousand nodes is traced in a fraction of a second", () => {
  const x = float("x", 16, 64);
  const start = performance.now();
  const weights: Tensor[] = [];
  let h = x;
  for (let i = 0; i < 250; i++) {
    const w = float(`w${i}`, 64, 64);
    weights.push(w);
    h = add(h, mul(tanh(h.matmul(w)), add(mean(h, { axes: 1, keepDims: true }), 1)));
  }
  const gradients = grad(mean(mul(h, h)), weights);
  expect(ancestors(gradients).length).toBeGreaterThan(4000);
  expect(performance.now() - start).toBeLessThan(1000);
});
