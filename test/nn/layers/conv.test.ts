import { describe, expect, test } from "vitest";
import { key } from "../../../src/engine/random/index.ts";
import { interpret, moveAxis, type Tensor } from "../../../src/engine/tensor/index.ts";
import {
  type AffineParams,
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
} from "../../../src/nn/index.ts";
import { checkGradient, checkSecondDerivative, sample } from "../../helpers/gradcheck.ts";
import { scrambled, shapesOf, statistics } from "../check.ts";

type Factory = (options: ConvTransposeOptions) => ReturnType<typeof conv1d>;

interface Case {
  readonly name: string;
  readonly factory: Factory;
  readonly options: ConvTransposeOptions;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

const base: ConvOptions = { inputs: 4, outputs: 2, kernel: 3 };

const cases: Case[] = [
  { name: "conv1d", factory: conv1d, options: { ...base, padding: 1 }, x: [2, 4, 5], y: [2, 2, 5] },
  {
    name: "conv1d, grouped, strided, dilated",
    factory: conv1d,
    options: { ...base, stride: 2, dilation: 2, padding: 2, groups: 2 },
    x: [1, 4, 7],
    y: [1, 2, 4],
  },
  { name: "conv1d of one tap", factory: conv1d, options: { ...base, kernel: 1 }, x: [2, 4, 3], y: [2, 2, 3] },
  {
    name: "conv2d",
    factory: conv2d,
    options: { ...base, kernel: [3, 2], padding: [1, 0], stride: [1, 2] },
    x: [1, 4, 3, 4],
    y: [1, 2, 3, 2],
  },
  {
    name: "conv2d of one tap",
    factory: conv2d,
    options: { ...base, kernel: 1 },
    x: [1, 4, 2, 3],
    y: [1, 2, 2, 3],
  },
  {
    name: "conv2d of one strided tap",
    factory: conv2d,
    options: { ...base, kernel: 1, stride: 2 },
    x: [1, 4, 3, 3],
    y: [1, 2, 2, 2],
  },
  {
    name: "convTranspose1d",
    factory: convTranspose1d,
    options: { ...base, kernel: 4, stride: 2, padding: 1 },
    x: [2, 4, 3],
    y: [2, 2, 6],
  },
  {
    name: "convTranspose1d, grouped, dilated, with output padding",
    factory: convTranspose1d,
    options: { ...base, stride: 3, dilation: 2, groups: 2, outputPadding: 2 },
    x: [1, 4, 3],
    y: [1, 2, 13],
  },
  {
    name: "convTranspose2d",
    factory: convTranspose2d,
    options: { ...base, kernel: [4, 3], stride: [2, 1], padding: 1 },
    x: [1, 4, 2, 2],
    y: [1, 2, 4, 2],
  },
];

describe.each(cases)("$name", ({ factory, options, x, y }) => {
  const layer = factory(options);
  const params = scrambled(layer.init(key(1)));
  const input = sample(x, 7);

  test("has the derivatives of finite differences, and the shape of PyTorch's", () => {
    const fn = (p: AffineParams, a: Tensor) => layer.apply(p, a).tanh();
    checkGradient(fn, [params, input]);
    checkSecondDerivative(fn, [params, input]);
    expect(interpret(fn, params, input).shape).toEqual(y);
  });

  test("is the same with channels last", () => {
    const last = factory({ ...options, layout: "channels-last" });
    const both = interpret(
      (p: AffineParams, a: Tensor) => ({
        first: layer.apply(p, a),
        last: moveAxis(last.apply(p, moveAxis(a, 1, -1)), -1, 1),
      }),
      params,
      input,
    );
    expect(both.last).toEqual(both.first);
  });
});

/** What the definition says: every input element adds its kernel to the output. */
test("a transposed convolution adds one kernel per input element", () => {
  const layer = convTranspose1d({ inputs: 1, outputs: 1, kernel: 3, stride: 2, bias: false });
  const weight = sample([1, 1, 3], 1);
  const x = sample([1, 1, 4], 2);
  const y = interpret((p: AffineParams, a: Tensor) => layer.apply(p, a), { weight }, x);
  const expected = new Array<number>(9).fill(0);
  x.data.forEach((value, i) => weight.data.forEach((w, k) => (expected[2 * i + k]! += value * w)));
  expect(y.shape).toEqual([1, 1, 9]);
  y.data.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 12));
});

test("names and layouts are PyTorch's", () => {
  const options = { inputs: 6, outputs: 4, kernel: 5, groups: 2 };
  expect(shapesOf(conv1d(options).init(key(1)))).toEqual(["weight [4,3,5]", "bias [4]"]);
  expect(shapesOf(conv2d(options).init(key(1)))).toEqual(["weight [4,3,5,5]", "bias [4]"]);
  expect(shapesOf(convTranspose1d(options).init(key(1)))).toEqual(["weight [6,2,5]", "bias [4]"]);
  expect(shapesOf(convTranspose2d({ ...options, bias: false }).init(key(1)))).toEqual(["weight [6,2,5,5]"]);
});

test.each([
  { name: "conv2d", layer: conv2d({ inputs: 64, outputs: 128, kernel: 3, groups: 2 }), fan: 32 * 9 },
  {
    name: "convTranspose2d",
    layer: convTranspose2d({ inputs: 128, outputs: 64, kernel: 3, groups: 2 }),
    fan: 32 * 9,
  },
])("$name begins as PyTorch's: U(-1 / sqrt(n), 1 / sqrt(n)), n the size of weight[0]", ({ layer, fan }) => {
  const { weight, bias } = layer.init(key(2));
  const { mean, std, low, high } = statistics(weight);
  const bound = 1 / Math.sqrt(fan);
  expect(Math.abs(mean) / bound).toBeLessThan(0.015);
  expect(std / bound).toBeCloseTo(1 / Math.sqrt(3), 2);
  expect(Math.max(-low, high) / bound).toBeLessThanOrEqual(1);
  expect(statistics(bias!).high / bound).toBeGreaterThan(0.8);
});

test("wrong options and shapes are named", () => {
  expect(() => conv1d({ inputs: 3, outputs: 4, kernel: 3, groups: 2 })).toThrow(
    "conv1d: expected inputs to be a multiple of groups (2), got 3.",
  );
  expect(() => conv2d({ inputs: 3, outputs: 4, kernel: [3] })).toThrow("conv2d: expected kernel to be");
  expect(() => conv1d({ inputs: 3, outputs: 4, kernel: 3, padding: -1 })).toThrow("got [-1]");
  expect(() => convTranspose1d({ inputs: 3, outputs: 4, kernel: 3, stride: 2, outputPadding: 2 })).toThrow(
    "convTranspose1d: expected outputPadding",
  );
  const layer = conv1d({ inputs: 3, outputs: 4, kernel: 3 });
  const run = () =>
    interpret(
      (p: AffineParams, x: Tensor) => layer.apply(p, x),
      scrambled(layer.init(key(1))),
      sample([1, 5, 3], 1),
    );
  expect(run).toThrow("conv1d: expected length 3 on axis 1 of the input, got [1, 5, 3].");
});
