import { expect, test } from "vitest";
import { array } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import { embedding } from "../../../src/nn/index.ts";
import { checkGradient, sample } from "../../helpers/gradcheck.ts";
import { shapesOf, statistics } from "../check.ts";

const layer = embedding({ count: 5, size: 3 });
const fn = (p: { readonly weight: Tensor }, indices: Tensor) => layer.apply(p, indices);
const indices = array(
  [
    [4, 0],
    [4, 2],
  ],
  "int32",
);

test("takes the rows, whose gradient adds up where an index repeats", () => {
  const weight = sample([5, 3], 1);
  const rows = interpret(fn, { weight }, indices);
  expect(rows.shape).toEqual([2, 2, 3]);
  expect([...rows.data.slice(0, 3)]).toEqual([...weight.data.slice(12)]);
  expect([...rows.data.slice(9)]).toEqual([...weight.data.slice(6, 9)]);
  checkGradient(fn, [{ weight }, indices]);
});

test("begins as PyTorch's, from N(0, 1), or with another deviation", () => {
  expect(shapesOf(layer.init(key(1)))).toEqual(["weight [5,3]"]);
  const { mean, std } = statistics(embedding({ count: 200, size: 100 }).init(key(1)).weight);
  expect(Math.abs(mean)).toBeLessThan(0.03);
  expect(std).toBeCloseTo(1, 1);
  expect(statistics(embedding({ count: 200, size: 100, std: 0.02 }).init(key(1)).weight).std).toBeCloseTo(
    0.02,
    3,
  );
});
