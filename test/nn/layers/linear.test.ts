import { describe, expect, test } from "vitest";
import { zeros } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { interpret, is, type Tensor } from "../../../src/engine/tensor/index.ts";
import { type AffineParams, linear } from "../../../src/nn/index.ts";
import { checkGradient, checkSecondDerivative, sample } from "../../helpers/gradcheck.ts";
import { shapesOf, statistics } from "../check.ts";

describe("linear", () => {
  const layer = linear({ inputs: 3, outputs: 4 });
  const params = { weight: sample([4, 3], 1), bias: sample([4], 2) };

  test.each([[[3]], [[5, 3]], [[2, 5, 3]], [[0, 3]]])("keeps the leading axes of x [%s]", (shape) => {
    const x = sample(shape, 3);
    const y = interpret((p: AffineParams, a: Tensor) => layer.apply(p, a), params, x);
    expect(y.shape).toEqual([...shape.slice(0, -1), 4]);
    y.data.forEach((value, at) => {
      const [row, out] = [Math.floor(at / 4), at % 4];
      let expected = params.bias.data[out]!;
      for (let i = 0; i < 3; i++) expected += x.data[row * 3 + i]! * params.weight.data[out * 3 + i]!;
      expect(value).toBeCloseTo(expected, 12);
    });
  });

  test("has the derivatives of finite differences", () => {
    const fn = (p: AffineParams, x: Tensor) => layer.apply(p, x).tanh();
    checkGradient(fn, [params, sample([2, 2, 3], 3)]);
    checkSecondDerivative(fn, [params, sample([2, 2, 3], 3)]);
  });

  test("adds the bias to the folded product, where both make one Gemm", () => {
    interpret(
      (p: AffineParams, x: Tensor) => {
        const y = layer.apply(p, x);
        expect(is("reshape", y) && is("add", y.inputs[0]!) && is("matmul", y.inputs[0]!.inputs[0]!)).toBe(
          true,
        );
        return y;
      },
      params,
      sample([2, 5, 3], 3),
    );
  });

  test("begins as PyTorch's: weight and bias from U(-1 / sqrt(inputs), 1 / sqrt(inputs))", () => {
    const { weight, bias } = linear({ inputs: 400, outputs: 300 }).init(key(1));
    for (const values of [weight, bias!]) {
      const { mean, std, low, high } = statistics(values);
      const few = values.data.length < 1000;
      expect(Math.abs(mean)).toBeLessThan(few ? 0.008 : 0.0005);
      expect(std).toBeCloseTo(0.05 / Math.sqrt(3), few ? 2 : 4);
      expect(Math.max(-low, high)).toBeLessThanOrEqual(Math.fround(0.05));
      expect(Math.max(-low, high)).toBeGreaterThan(0.049);
    }
    expect(weight.data.slice(0, 5)).not.toEqual(bias!.data.slice(0, 5));
  });

  test("has PyTorch's names and layouts, with and without bias, and begins at zero on demand", () => {
    expect(shapesOf(layer.init(key(1)))).toEqual(["weight [4,3]", "bias [4]"]);
    expect(shapesOf(linear({ inputs: 3, outputs: 4, bias: false }).init(key(1)))).toEqual(["weight [4,3]"]);
    expect(linear({ inputs: 3, outputs: 4, start: "zeros" }).init(key(1)).weight).toEqual(zeros([4, 3]));
  });

  test("names the wrong length, and the wrong option", () => {
    const run = () => interpret((p: AffineParams, x: Tensor) => layer.apply(p, x), params, sample([2, 4], 1));
    expect(run).toThrow("linear: expected length 3 on axis -1 of the input, got [2, 4].");
    expect(() => linear({ inputs: 0, outputs: 4 })).toThrow(
      "linear: expected inputs to be a whole number >= 1",
    );
  });
});
