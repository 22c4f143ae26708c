import { describe, expect, test } from "vitest";
import { array, ndarray } from "../../src/engine/array/index.ts";
import { compile, spec } from "../../src/engine/runtime/index.ts";
import { grad, interpret, mish, sum, type Tensor } from "../../src/engine/tensor/index.ts";
import { activations, elu, leakyRelu, selu } from "../../src/nn/index.ts";
import { checkGradient, checkSecondDerivative, sample } from "../helpers/gradcheck.ts";

type Name = keyof typeof activations;

const smooth: Name[] = [
  "silu",
  "gelu",
  "geluTanh",
  "mish",
  "tanh",
  "sigmoid",
  "softplus",
  "softmax",
  "logSoftmax",
  "glu",
];
const kinked: Name[] = ["relu", "leakyRelu", "elu", "selu", "hardswish"];

describe("activations", () => {
  test.each(smooth)("%s has the derivatives of finite differences, first and second", (name) => {
    const x = sample([3, 6], 1, [-4, 4]);
    checkGradient((a: Tensor) => activations[name](a), [x]);
    checkSecondDerivative((a: Tensor) => activations[name](a), [x]);
  });

  test.each(kinked)("%s has the derivative of finite differences away from its kinks", (name) => {
    const x = array([-4.5, -2.9, -1.3, -0.2, 0.3, 1.7, 2.9, 5.1], "float64");
    checkGradient((a: Tensor) => activations[name](a), [x]);
  });

  test("every activation is tested", () => {
    expect([...smooth, ...kinked].sort()).toEqual(Object.keys(activations).sort());
  });
});

const slopeAt = (fn: (x: Tensor) => Tensor, x: number) =>
  interpret((a: Tensor) => grad(sum(fn(a)), a), array([x], "float64")).data[0]!;

test("slopes at 0 are PyTorch's, so that units that begin at 0 can learn", () => {
  expect(slopeAt((x) => elu(x, 1.5), 0)).toBeCloseTo(1.5, 12);
  expect(slopeAt(selu, 0)).toBeCloseTo(1.0507009873554805 * 1.6732632423543772, 12);
  expect(slopeAt((x) => leakyRelu(x, 0.2), 0)).toBeCloseTo(0.2, 12);
  expect(slopeAt(activations.relu, 0)).toBe(0);
});

test("mish is x tanh(log(1 + exp(x))) over its whole range", () => {
  const x = Array.from({ length: 241 }, (_, i) => (i - 120) / 4);
  const y = interpret(mish, array(x, "float64")).data;
  x.forEach((value, i) => {
    const expected = value * Math.tanh(Math.log1p(Math.exp(value)));
    expect(Math.abs(y[i]! - expected)).toBeLessThanOrEqual(1e-14 * Math.abs(expected));
  });
});

test.each(Object.keys(activations) as Name[])(
  "%s and its gradient stay finite in float32 for large numbers",
  async (name) => {
    const list = [-1e4, -200, -100, -90, -50, -20, 0, 20, 50, 90, 100, 200, 1e4, 1];
    const fn = (x: Tensor) => {
      const y = activations[name](x);
      return { y, slope: grad(sum(y), x) };
    };
    using run = await compile(fn, [spec([1, 14])]);
    const { y, slope } = await run(ndarray(Float32Array.from(list), [1, 14]));
    expect([...y.data, ...slope.data].every(Number.isFinite)).toBe(true);
    // glu multiplies the rounding of 1 - sigmoid by other elements, up to 1e4
    const rounding = name === "glu" ? 1e-3 : 1e-5;
    const exact = interpret(fn, ndarray(Float64Array.from(list), [1, 14], "float64"));
    exact.y.data.forEach((value, i) => {
      expect(Math.abs(y.data[i]! - value)).toBeLessThanOrEqual(1e-5 * Math.abs(value) + 1e-6);
    });
    exact.slope.data.forEach((value, i) => {
      expect(Math.abs(slope.data[i]! - value)).toBeLessThanOrEqual(1e-4 * Math.abs(value) + rounding);
    });
  },
);
