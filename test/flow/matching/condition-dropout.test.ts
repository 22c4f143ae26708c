import { describe, expect, test } from "vitest";
import { array, ndarray } from "../../../src/engine/array/index.ts";
import { key, uniform } from "../../../src/engine/random/index.ts";
import { evaluate } from "../../../src/engine/runtime/index.ts";
import {
  type Draw,
  declarations,
  input,
  interpretGraph,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import { dropLabels, dropVectors } from "../../../src/flow/matching/index.ts";

describe("labels", () => {
  test("become the label of none where the draw is below the rate, and only there", async () => {
    const count = 2000;
    const labels = ndarray(
      Int32Array.from({ length: count }, (_, i) => i % 3),
      [count],
    );
    const seed = key("labels");
    const dropped = await evaluate(
      (given: Tensor, draw: Draw) => dropLabels(given, { classes: 3, rate: 0.25, draw }),
      [labels, seed],
    );
    const draws = uniform(seed.fold("label dropout"), [count]).data;
    const expected = Array.from(labels.data, (label, i) => (draws[i]! < 0.25 ? 3 : label));
    expect([...dropped.data]).toEqual(expected);
    expect(expected.filter((label) => label === 3).length).toBeGreaterThan(400);
    expect(expected.filter((label) => label === 3).length).toBeLessThan(600);
  });
});

test("vectors lose whole rows", () => {
  const { draw, declared } = declarations();
  const vectors = input("vectors", { shape: [3, 1, 2], dtype: "float32" });
  const result = dropVectors(vectors, { rate: 0.5, draw });
  const feeds = new Map([
    [vectors, ndarray(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 1, 2])],
    [declared[0]!, array([0.6, 0.4, 0.5])],
  ]);
  expect([...interpretGraph([result], feeds)[0]!.data]).toEqual([1, 2, 0, 0, 5, 6]);
});

test("rates, classes and conditions that cannot be are refused", () => {
  const { draw } = declarations();
  const labels = input("labels", { shape: [4], dtype: "int32" });
  const option = expect.objectContaining({ kind: "option" });
  const shape = expect.objectContaining({ kind: "shape" });
  for (const rate of [1, -0.1, Number.NaN]) {
    expect(() => dropLabels(labels, { classes: 3, rate, draw })).toThrow(option);
    expect(() => dropVectors(labels, { rate, draw })).toThrow(option);
  }
  expect(() => dropLabels(labels, { classes: 0, rate: 0.1, draw })).toThrow(option);
  const vectors = input("vectors", { shape: [4, 2], dtype: "float32" });
  expect(() => dropLabels(vectors, { classes: 3, rate: 0.1, draw })).toThrow(shape);
  expect(() => dropVectors(labels, { rate: 0.1, draw })).toThrow(shape);
});
