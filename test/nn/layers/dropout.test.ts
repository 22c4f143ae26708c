import { expect, test } from "vitest";
import { array, ndarray } from "../../../src/engine/array/index.ts";
import { key, uniform } from "../../../src/engine/random/index.ts";
import {
  constant,
  type Draw,
  declarations,
  input,
  interpret,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import { dropout } from "../../../src/nn/index.ts";
import { checkGradient, sample } from "../../helpers/gradcheck.ts";

/** A draw whose uniform numbers are given. */
const given = (u: Tensor): Draw => ({ ...declarations().draw, uniform: () => u });

test("with given numbers: 0 below the rate, x / (1 - rate) from it on", () => {
  const y = interpret(
    (x: Tensor, u: Tensor) => dropout(x, { rate: 0.25, draw: given(u) }),
    array([1, -2, 3, 4], "float64"),
    array([0.2, 0.25, 0.24, 0.9]),
  );
  expect([...y.data]).toEqual([0, -2 / 0.75, 0, 4 / 0.75]);
});

test("keeps the mean, and drops at the rate", () => {
  const ones = ndarray(new Float64Array(20_000).fill(1), [20_000], "float64");
  const y = interpret(
    (x: Tensor, u: Tensor) => dropout(x, { rate: 0.3, draw: given(u) }),
    ones,
    uniform(key(1), [20_000]),
  ).data;
  expect(Math.abs(y.filter((value) => value === 0).length / 20_000 - 0.3)).toBeLessThan(0.013); // 4 sigma
  expect(y.reduce((a, b) => a + b) / 20_000).toBeCloseTo(1, 1);
});

test("its gradient goes where the values went", () => {
  const u = constant(uniform(key(2), [3, 4]));
  checkGradient((x: Tensor) => dropout(x, { rate: 0.5, draw: given(u) }), [sample([3, 4], 1)]);
});

test("declares one uniform input of the shape of x under its name", () => {
  const { draw, declared } = declarations();
  const x = input("x", { shape: [2, 3], dtype: "float32" });
  dropout(x, { rate: 0.5, draw: draw.fold("block"), name: "mlp" });
  expect(declared.map(({ attributes, shape }) => ({ ...attributes, shape }))).toEqual([
    { name: "block/mlp", distribution: "uniform", shape: [2, 3] },
  ]);
});

test("is the identity without a draw or a rate, and refuses rates outside [0, 1)", () => {
  const { draw, declared } = declarations();
  const x = input("x", { shape: [2], dtype: "float32" });
  expect(dropout(x, { rate: 0.5, draw: undefined })).toBe(x);
  expect(dropout(x, { rate: 0, draw })).toBe(x);
  expect(declared).toEqual([]);
  for (const rate of [1, -0.1, Number.NaN]) {
    expect(() => dropout(x, { rate, draw: undefined })).toThrow("dropout: expected a rate in [0, 1)");
  }
});
