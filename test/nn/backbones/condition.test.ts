import { describe, expect, test } from "vitest";
import { input, type Tensor } from "../../../src/engine/tensor/index.ts";
import { type Condition, conditionsOf } from "../../../src/nn/backbones/condition.ts";

const x = input("x", { shape: [3, 2], dtype: "float32" });
const vector = input("vector", { shape: [3, 4], dtype: "float32" });
const labels = input("labels", { shape: [3], dtype: "int32" });
const of = (condition: Condition, sizes: { conditionSize?: number; classes?: number }) =>
  conditionsOf("net", condition, { ...sizes, x });

describe("conditionsOf", () => {
  test("a bare tensor is a vector when it is float, labels when it is int32", () => {
    expect(of(vector, { conditionSize: 4 })).toEqual({ vector });
    expect(of(labels, { classes: 7 })).toEqual({ labels });
    expect(of({ vector, labels }, { conditionSize: 4, classes: 7 })).toEqual({ vector, labels });
    expect(of(undefined, {})).toEqual({});
  });

  const wrong: [string, Condition, { conditionSize?: number; classes?: number }, string][] = [
    [
      "missing",
      undefined,
      { conditionSize: 4 },
      "net: expected a condition vector of shape [3,4], got none.",
    ],
    ["superfluous", vector, {}, "net: expected no condition vector, as the model was built, got [3, 4]."],
    [
      "of another size",
      vector,
      { conditionSize: 5 },
      "net: expected a condition vector of shape [3,5], got [3, 4].",
    ],
    [
      "labels for a vector",
      labels,
      { conditionSize: 4 },
      "net: expected a condition vector of shape [3,4], got none.",
    ],
    [
      "one of two",
      labels,
      { conditionSize: 4, classes: 7 },
      "net: expected a condition vector of shape [3,4]",
    ],
  ];
  test.each(wrong)("refuses what is %s", (_, condition, sizes, message) => {
    expect(() => of(condition, sizes)).toThrow(message);
  });

  test("refuses labels of another batch", () => {
    const two: Tensor = input("labels", { shape: [2], dtype: "int32" });
    expect(() => of(two, { classes: 7 })).toThrow("net: expected int32 labels of shape [3], got [2].");
  });
});
