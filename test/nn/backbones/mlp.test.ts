import { describe, expect, test } from "vitest";
import { key } from "../../../src/engine/random/index.ts";
import { declarations, input } from "../../../src/engine/tensor/index.ts";
import { mlp } from "../../../src/nn/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { checkLeaves, checkLeavesTwice, shapesOf } from "../check.ts";
import { args, asFunction, batchOf, callOf, dependsOn, run } from "./model.ts";

const model = mlp({ size: 6, hidden: 5, depth: 2, conditionSize: 3, activation: "tanh" });
const call = callOf(model, [2, 3, 2], { vector: sample([2, 3], 3) });

describe("mlp", () => {
  test("has the derivatives of finite differences, first and second", () => {
    checkLeaves(asFunction(model), args(call));
    checkLeavesTwice(asFunction(model), args(call));
  });

  test("is linear layers and activations on [x, t, condition]", () => {
    const { params, x, t, condition } = call;
    const weights = (layer: string) => params.net[layer]!;
    const dense = (layer: string, v: number[]) =>
      Array.from(weights(layer).bias!.data, (b, o) =>
        v.reduce((total, value, i) => total + value * weights(layer).weight.data[o * v.length + i]!, b),
      );
    const first = [...x.data.slice(0, 6), t.data[0]!, ...condition.vector!.data.slice(0, 3)];
    const h = dense("2", dense("0", first).map(Math.tanh)).map(Math.tanh);
    const got = run(model, call);
    expect(got.shape).toEqual([2, 3, 2]);
    dense("4", h).forEach((value, i) => expect(got.data[i]).toBeCloseTo(value, 12));
  });

  test("depends on x, t and condition", () => {
    expect(dependsOn(model, call, { x: sample([2, 3, 2], 9) })).toBe(true);
    expect(dependsOn(model, call, { t: batchOf([0.3, 0.4]) })).toBe(true);
    expect(dependsOn(model, call, { condition: { vector: sample([2, 3], 9) } })).toBe(true);
  });

  test("has the names of a Sequential", () => {
    expect(shapesOf(model.init(key(1)))).toEqual([
      "net.0.weight [5,10]",
      "net.0.bias [5]",
      "net.2.weight [5,5]",
      "net.2.bias [5]",
      "net.4.weight [6,5]",
      "net.4.bias [6]",
    ]);
  });

  test("draws one dropout for every hidden layer, under names of its own", () => {
    const net = mlp({ size: 2, hidden: 5, depth: 2, dropout: 0.1 });
    const { draw, declared } = declarations();
    const float = (shape: number[]) => input("a", { shape, dtype: "float32" });
    const layer = (outputs: number, inputs: number) => ({
      weight: float([outputs, inputs]),
      bias: float([outputs]),
    });
    const params = { net: { "0": layer(5, 3), "2": layer(5, 5), "4": layer(2, 5) } };
    net.apply(params, float([4, 2]), float([4]), undefined, draw);
    expect(declared.map(({ attributes }) => attributes.name)).toEqual(["dropout.0", "dropout.1"]);
    expect(declared.every(({ shape }) => `${shape}` === "4,5")).toBe(true);
  });

  test("names a wrong x, t or option", () => {
    expect(() => run(model, { ...call, x: sample([2, 5], 1) })).toThrow(
      "mlp: expected x of shape [batch, ...] with 6 elements",
    );
    expect(() => run(model, { ...call, t: batchOf([0.5]) })).toThrow(
      "mlp: expected t of shape [2], got [1].",
    );
    expect(() => mlp({ size: 2, depth: 0 })).toThrow("mlp: expected depth to be a whole number >= 1, got 0.");
  });
});
