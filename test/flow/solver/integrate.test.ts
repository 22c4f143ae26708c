import { expect, test } from "vitest";
import { array } from "../../../src/engine/array/index.ts";
import { compile, spec } from "../../../src/engine/runtime/index.ts";
import { expandDims, input, interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import { integrate, rk4, uniformGrid } from "../../../src/flow/solver/index.ts";

/** x' = -2 t x: x(t) = x0 exp(-t^2). */
const field = (x: Tensor, t: Tensor) => x.mul(expandDims(t, 1)).mul(-2);
const x0 = array([[1, -2, 3]], "float64");

test("integrates there and back, with the trajectory", () => {
  const { x, trajectory } = interpret((y: Tensor) => {
    const there = integrate(field, y, { times: uniformGrid(20), solver: rk4 });
    return {
      x: integrate(field, there.x, { times: uniformGrid(20).reverse(), solver: rk4 }).x,
      trajectory: there.trajectory,
    };
  }, x0);
  expect([...x.data]).toEqual([...x0.data].map((value) => expect.closeTo(value, 6)));
  expect(trajectory.shape).toEqual([21, 1, 3]);
  expect(trajectory.data[10 * 3]).toBeCloseTo(Math.exp(-0.25), 6);
});

test("times may differ by token", () => {
  const tokens = (x: Tensor, t: Tensor) => x.mul(expandDims(t, 2)).mul(-2);
  const t = array([[0, 0.5]], "float64");
  const dt = array([[0.1, 0]], "float64");
  const step = (x: Tensor, from: Tensor, length: Tensor) => rk4.step(tokens, x, from, length);
  const { data } = interpret(step, array([[[1], [1]]], "float64"), t, dt);
  expect(data[0]).toBeCloseTo(Math.exp(-0.01), 9);
  expect(data[1]).toBe(1);
});

test("compiled in float32, it agrees with the interpreter", async () => {
  const run = (x: Tensor) => integrate(field, x, { times: uniformGrid(8), solver: rk4 }).x;
  using compiled = await compile(run, [spec([1, 3])]);
  const got = await compiled(array([[1, -2, 3]]));
  expect([...got.data]).toEqual([...interpret(run, x0).data].map((value) => expect.closeTo(value, 5)));
});

test("refuses times that are not a grid, and steps of another shape", () => {
  const x = input("x", { shape: [2, 3], dtype: "float32" });
  expect(() => integrate(field, x, { times: [0, 1, 1] })).toThrow("ascending");
  expect(() => integrate(field, x, { times: [0] })).toThrow("two or more");
  const t = input("t", { shape: [3], dtype: "float32" });
  expect(() => rk4.step(field, x, t, t)).toThrow("rk4.step");
});
