import { expect, test } from "vitest";
import { array } from "../../src/engine/array/index.ts";
import { add, exp, mul, sin, stopGradient, sub, type Tensor, take } from "../../src/engine/tensor/index.ts";
import { checkGradient, checkPushforward, checkSecondDerivative, sample } from "./gradcheck.ts";

const x = sample([2, 3], 1);

test("a right gradient passes with an error near rounding", () => {
  const fn = (a: Tensor, b: Tensor) => mul(exp(a), sin(b));
  expect(checkGradient(fn, [x, sample([3], 2)])).toBeLessThan(1e-9);
  expect(checkSecondDerivative(fn, [x, sample([3], 2)])).toBeLessThan(1e-9);
  expect(checkPushforward(fn, [x, sample([3], 2)])).toBeLessThan(1e-9);
});

test("a wrong first derivative is found, in small and large arguments", () => {
  const wrong = (a: Tensor) => add(exp(a), mul(1e-5, stopGradient(a)));
  expect(() => checkGradient(wrong, [x])).toThrow("relative error");
  expect(() => checkGradient(wrong, [sample([20, 5], 1)])).toThrow("relative error");
  expect(() => checkPushforward(wrong, [x])).toThrow("relative error");
});

test("a wrong second derivative is found where the first one is right", () => {
  // exp(a) in value and slope, a straight line to the second derivative
  const tangentLine = (a: Tensor) => mul(exp(stopGradient(a)), add(1, sub(a, stopGradient(a))));
  expect(checkGradient(tangentLine, [x])).toBeLessThan(1e-9);
  expect(checkSecondDerivative(exp, [x])).toBeLessThan(1e-9);
  expect(() => checkSecondDerivative(tangentLine, [x])).toThrow("relative error");
});

test("trees and integer arguments are accepted, and a float32 array is perturbed in float64", () => {
  const fn = (p: { w: Tensor; i: Tensor }, s: Tensor) => mul(take(p.w, p.i), s);
  const args = [{ w: array([1, 2, 3]), i: array([2, 0], "int32") }, array(2, "float32")] as const;
  expect(checkGradient(fn, args)).toBeLessThan(1e-9);
  expect(() => checkGradient((i: Tensor) => i, [array([1], "int32")])).toThrow("nothing to differentiate");
});
