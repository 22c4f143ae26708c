import { describe, expect, test } from "vitest";
import { key } from "../../../src/engine/random/index.ts";
import { add, expandDims, interpret, moveAxis, mul, type Tensor } from "../../../src/engine/tensor/index.ts";
import {
  type Film,
  groupNorm,
  type Layer,
  layerNorm,
  type NormParams,
  rmsNorm,
} from "../../../src/nn/index.ts";
import { checkGradient, checkSecondDerivative, sample } from "../../helpers/gradcheck.ts";
import { shapesOf } from "../check.ts";

type Norm = Layer<NormParams, [film?: Film]>;

const params = { weight: sample([6], 1), bias: sample([6], 2) };
const film = { scale: sample([2, 6], 3), shift: sample([2, 6], 4) };

const cases: { name: string; layer: Norm; x: number[]; spread: (v: Tensor) => Tensor }[] = [
  { name: "layerNorm of rows", layer: layerNorm({ size: 6 }), x: [2, 6], spread: (v) => v },
  {
    name: "layerNorm of tokens",
    layer: layerNorm({ size: 6 }),
    x: [2, 3, 6],
    spread: (v) => expandDims(v, 1),
  },
  {
    name: "groupNorm, channels first",
    layer: groupNorm({ groups: 2, channels: 6 }),
    x: [2, 6, 2, 3],
    spread: (v) => expandDims(v, [2, 3]),
  },
  {
    name: "groupNorm, channels last",
    layer: groupNorm({ groups: 3, channels: 6, layout: "channels-last" }),
    x: [2, 5, 6],
    spread: (v) => expandDims(v, 1),
  },
];

describe.each(cases)("$name", ({ layer, x, spread }) => {
  const input = sample(x, 5);

  test("has the derivatives of finite differences, with and without modulation", () => {
    checkGradient((p: NormParams, a: Tensor) => layer.apply(p, a), [params, input]);
    checkGradient((p: NormParams, a: Tensor, f: Film) => layer.apply(p, a, f), [params, input, film]);
    checkSecondDerivative((p: NormParams, a: Tensor, f: Film) => layer.apply(p, a, f), [params, input, film]);
  });

  test("folds the modulation without changing it: y (1 + scale) + shift", () => {
    const { folded, plain } = interpret(
      (p: NormParams, a: Tensor, f: Film) => ({
        folded: layer.apply(p, a, f),
        plain: add(mul(layer.apply(p, a), add(1, spread(f.scale))), spread(f.shift)),
      }),
      params,
      input,
      film,
    );
    folded.data.forEach((value, i) => expect(value).toBeCloseTo(plain.data[i]!, 12));
  });
});

test("with modulation there are two passes over x after the normalisation", () => {
  const layer = layerNorm({ size: 6 });
  interpret(
    (p: NormParams, a: Tensor, f: Film) => {
      const y = layer.apply(p, a, f);
      expect([y.op, y.inputs[0]!.op, y.inputs[0]!.inputs[0]!.op]).toEqual(["add", "mul", "normalize"]);
      return y;
    },
    params,
    sample([2, 5, 6], 1),
    film,
  );
});

test("both layouts of groupNorm agree", () => {
  const first = groupNorm({ groups: 3, channels: 6 });
  const last = groupNorm({ groups: 3, channels: 6, layout: "channels-last" });
  const both = interpret(
    (p: NormParams, a: Tensor) => [first.apply(p, a), moveAxis(last.apply(p, moveAxis(a, 1, -1)), -1, 1)],
    params,
    sample([2, 6, 3, 2], 6),
  );
  both[0]!.data.forEach((value, i) => expect(both[1]!.data[i]).toBeCloseTo(value, 12));
});

test("each group has mean 0 and variance 1 without weights, and a single modulation when given one", () => {
  const layer = groupNorm({ groups: 2, channels: 6, affine: false, epsilon: 1e-12 });
  expect(layer.init(key(1))).toEqual({});
  const y = interpret((a: Tensor) => layer.apply({}, a), sample([1, 6, 4], 1)).data;
  for (const group of [y.slice(0, 12), y.slice(12)]) {
    const mean = group.reduce((a, b) => a + b) / 12;
    expect(mean).toBeCloseTo(0, 12);
    expect(group.reduce((total, value) => total + value ** 2, 0) / 12).toBeCloseTo(1, 9);
  }
  checkGradient((a: Tensor, f: Film) => layer.apply({}, a, f), [sample([2, 6, 3], 1), film]);
});

test("rmsNorm is x / sqrt(mean x^2 + epsilon) times a weight", () => {
  const layer = rmsNorm({ size: 4, epsilon: 0.1 });
  const [x, weight] = [sample([3, 4], 1), sample([4], 2)];
  const fn = (p: { weight: Tensor }, a: Tensor) => layer.apply(p, a);
  const y = interpret(fn, { weight }, x).data;
  y.forEach((value, at) => {
    const row = x.data.slice(4 * Math.floor(at / 4), 4 * Math.floor(at / 4) + 4);
    const power = row.reduce((total, element) => total + element ** 2, 0) / 4;
    expect(value).toBeCloseTo((x.data[at]! / Math.sqrt(power + 0.1)) * weight.data[at % 4]!, 12);
  });
  checkGradient(fn, [{ weight }, x]);
  checkSecondDerivative(fn, [{ weight }, x]);
});

test("norms begin at weight 1 and bias 0, under PyTorch's names", () => {
  for (const layer of [layerNorm({ size: 6 }), groupNorm({ groups: 2, channels: 6 })]) {
    const values = layer.init(key(1));
    expect(shapesOf(values)).toEqual(["weight [6]", "bias [6]"]);
    expect([...values.weight!.data, ...values.bias!.data]).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  }
  expect([...rmsNorm({ size: 2 }).init(key(1)).weight.data]).toEqual([1, 1]);
});

test("wrong options and shapes are named", () => {
  expect(() => groupNorm({ groups: 4, channels: 6 })).toThrow(
    "groupNorm: expected channels to be a multiple of groups (4), got 6.",
  );
  const run = () =>
    interpret((p: NormParams, a: Tensor) => layerNorm({ size: 6 }).apply(p, a), params, sample([2, 5], 1));
  expect(run).toThrow("layerNorm: expected length 6 on axis -1 of the input, got [2, 5].");
});
