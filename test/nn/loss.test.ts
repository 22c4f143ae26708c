import { describe, expect, test } from "vitest";
import { array } from "../../src/engine/array/index.ts";
import { interpret, type Tensor } from "../../src/engine/tensor/index.ts";
import { type Compared, huber, l1, mse, smoothL1 } from "../../src/nn/index.ts";
import { checkGradient, checkSecondDerivative, sample } from "../helpers/gradcheck.ts";

const prediction = sample([4, 3], 1);
const target = sample([4, 3], 2);

describe.each([mse, l1, huber, smoothL1].map((loss) => ({ name: loss.name, loss })))("$name", ({ loss }) => {
  test("has the gradient of finite differences, for prediction and target", () => {
    checkGradient((compared: Compared) => loss(compared), [{ prediction, target }]);
  });

  test("is 0 only where they agree", () => {
    const at = (a: number, b: number) =>
      interpret(
        (p: Tensor, t: Tensor) => loss({ prediction: p, target: t }),
        array([a], "float64"),
        array([b], "float64"),
      ).data[0]!;
    expect(at(0.7, 0.7)).toBe(0);
    expect(at(0.7, 0.6)).toBeGreaterThan(0);
    expect(at(-3, 0.6)).toBeGreaterThan(0);
  });
});

test("mse has its second derivative", () => {
  checkSecondDerivative((compared: Compared) => mse(compared), [{ prediction, target }]);
});

test("huber is quadratic inside delta and linear outside, with one slope at the border", () => {
  const at = (error: number, delta: number) =>
    interpret((p: Tensor) => huber({ prediction: p, target: p.mul(0), delta }), array([error], "float64"))
      .data[0]!;
  expect(at(0.3, 0.5)).toBeCloseTo(0.045, 14);
  expect(at(0.5, 0.5)).toBeCloseTo(0.125, 14);
  expect(at(-2, 0.5)).toBeCloseTo(0.5 * (2 - 0.25), 14);
});

test("smoothL1 is huber over beta", () => {
  const both = interpret(
    (p: Tensor, t: Tensor) => ({
      smooth: smoothL1({ prediction: p, target: t, beta: 0.3 }),
      huber: huber({ prediction: p, target: t, delta: 0.3 }),
    }),
    prediction,
    target,
  );
  expect(both.smooth.data[0]).toBeCloseTo(both.huber.data[0]! / 0.3, 12);
});
