import { describe, expect, test } from "vitest";
import { array, ndarray } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { constant, interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import {
  type Attended,
  type AttentionParams,
  causalMask,
  multiHeadAttention,
  scaledDotProductAttention,
} from "../../../src/nn/index.ts";
import { checkGradient, checkSecondDerivative, sample } from "../../helpers/gradcheck.ts";
import { checkLeaves, checkLeavesTwice, scrambled, shapesOf, statistics } from "../check.ts";

const [query, key_, value] = [sample([2, 3, 4], 1), sample([2, 5, 4], 2), sample([2, 5, 2], 3)];

interface Qkv {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
}

const qkv = { query, key: key_, value };

describe("scaledDotProductAttention", () => {
  test("has the derivatives of finite differences, masked and not", () => {
    const mask = constant(
      array(
        [
          [1, 0, 1, 1, 0],
          [1, 1, 1, 1, 1],
          [0, 0, 0, 1, 0],
        ],
        "bool",
      ),
    );
    checkGradient((a: Qkv) => scaledDotProductAttention(a), [qkv]);
    checkGradient((a: Qkv) => scaledDotProductAttention({ ...a, mask }), [qkv]);
    checkSecondDerivative((a: Qkv) => scaledDotProductAttention({ ...a, mask, scale: 0.3 }), [qkv]);
  });

  test("a place that is forbidden might as well not be there", () => {
    const mask = constant(array([1, 1, 1, 0, 0], "bool"));
    const both = interpret((a: Qkv) => {
      const first = (x: Tensor) => x.slice({ axis: 1, stop: 3 });
      return {
        masked: scaledDotProductAttention({ ...a, mask }),
        cut: scaledDotProductAttention({ ...a, key: first(a.key), value: first(a.value) }),
      };
    }, qkv);
    both.cut.data.forEach((expected, i) => expect(both.masked.data[i]).toBeCloseTo(expected, 12));
  });

  test("an additive mask is added to the scores, also one that is learned", () => {
    const additive = sample([3, 5], 4);
    const fn = (a: Qkv, mask: Tensor) => scaledDotProductAttention({ ...a, mask });
    checkGradient(fn, [qkv, additive]);
    const off = ndarray(Float64Array.of(0, 0, 0, -1e9, -1e9), [5], "float64");
    const both = interpret(
      (a: Qkv, m: Tensor) => ({
        added: fn(a, m),
        forbidden: fn(a, constant(array([1, 1, 1, 0, 0], "bool"))),
      }),
      qkv,
      off,
    );
    expect(both.added).toEqual(both.forbidden);
  });

  test("without any allowed place the values are averaged, and nothing is NaN", () => {
    const none = constant(ndarray(new Uint8Array(5), [5], "bool"));
    const y = interpret((a: Qkv) => scaledDotProductAttention({ ...a, mask: none }), qkv);
    const average = (batch: number, channel: number) =>
      [0, 1, 2, 3, 4].reduce((total, i) => total + value.data[batch * 10 + i * 2 + channel]! / 5, 0);
    y.data.forEach((got, i) => expect(got).toBeCloseTo(average(Math.floor(i / 6), i % 2), 6));
  });
});

describe("multiHeadAttention", () => {
  const variants = [
    { name: "self", options: { size: 6, heads: 2 }, context: undefined },
    {
      name: "self, wide heads, no bias",
      options: { size: 6, heads: 2, headSize: 5, bias: false },
      context: undefined,
    },
    { name: "cross", options: { size: 6, heads: 3 }, context: sample([2, 4, 6], 5) },
    {
      name: "cross, another width",
      options: { size: 6, heads: 2, contextSize: 3 },
      context: sample([2, 4, 3], 5),
    },
  ];

  test.each(variants)("has the derivatives of finite differences ($name)", ({ options, context }) => {
    const layer = multiHeadAttention(options);
    const params = scrambled(layer.init(key(1)));
    const x = sample([2, 3, 6], 6);
    if (context) {
      checkLeaves(
        (p: AttentionParams, a: Tensor, c: Tensor) => layer.apply(p, a, { context: c }),
        [params, x, context],
      );
    } else {
      checkLeaves((p: AttentionParams, a: Tensor) => layer.apply(p, a), [params, x]);
    }
  });

  const layer = multiHeadAttention({ size: 6, heads: 2 });
  const params = scrambled(layer.init(key(1)));
  const run = (x: ReturnType<typeof sample>, attended: (x: Tensor) => Attended = () => ({})) =>
    interpret((p: AttentionParams, a: Tensor) => layer.apply(p, a, attended(a)), params, x);

  test("has the second derivatives of finite differences", () => {
    const masked = (p: AttentionParams, a: Tensor) => layer.apply(p, a, { mask: causalMask(3) });
    checkLeavesTwice(masked, [params, sample([1, 3, 6], 6)]);
  });

  test("x as its own context is self attention", () => {
    const x = sample([2, 3, 6], 6);
    const cross = run(x, (a) => ({ context: a })).data;
    run(x).data.forEach((expected, i) => expect(cross[i]).toBeCloseTo(expected, 12));
  });

  test("with a causal mask the past does not see the future, without one it does", () => {
    const x = sample([1, 4, 6], 6);
    const changed = ndarray(
      x.data.map((v, i) => (i >= 18 ? -v : v)),
      x.shape,
      "float64",
    );
    const causal = () => ({ mask: causalMask(4) });
    expect(run(changed, causal).data.slice(0, 18)).toEqual(run(x, causal).data.slice(0, 18));
    expect(run(changed, causal).data.slice(18)).not.toEqual(run(x, causal).data.slice(18));
    expect(run(changed).data.slice(0, 18)).not.toEqual(run(x).data.slice(0, 18));
  });

  test("names and layouts are PyTorch's", () => {
    expect(shapesOf(layer.init(key(1)))).toEqual([
      "in_proj_weight [18,6]",
      "in_proj_bias [18]",
      "out_proj.weight [6,6]",
      "out_proj.bias [6]",
    ]);
    expect(shapesOf(multiHeadAttention({ size: 6, heads: 2, contextSize: 3 }).init(key(1)))).toEqual([
      "q_proj_weight [6,6]",
      "k_proj_weight [6,3]",
      "v_proj_weight [6,3]",
      "in_proj_bias [18]",
      "out_proj.weight [6,6]",
      "out_proj.bias [6]",
    ]);
    expect(shapesOf(multiHeadAttention({ size: 6, heads: 2, bias: false }).init(key(1)))).toEqual([
      "in_proj_weight [18,6]",
      "out_proj.weight [6,6]",
    ]);
  });

  test("begins as PyTorch's: Xavier for the joint projection, biases 0", () => {
    const values = multiHeadAttention({ size: 64, heads: 4 }).init(key(1));
    const { mean, std, high } = statistics(values.in_proj_weight!);
    const bound = Math.sqrt(6 / (64 + 192));
    expect(Math.abs(mean)).toBeLessThan(0.005);
    expect(std).toBeCloseTo(bound / Math.sqrt(3), 2);
    expect(high).toBeLessThanOrEqual(bound);
    expect(high).toBeGreaterThan(0.99 * bound);
    expect(new Set([...values.in_proj_bias!.data, ...values.out_proj.bias!.data])).toEqual(new Set([0]));
    expect(statistics(values.out_proj.weight).high).toBeLessThanOrEqual(Math.fround(1 / 8));
  });

  test("wrong options and shapes are named", () => {
    expect(() => multiHeadAttention({ size: 6, heads: 4 })).toThrow(
      "multiHeadAttention: expected size to be a multiple of heads (4), got 6.",
    );
    expect(() => run(sample([2, 3, 5], 1))).toThrow("multiHeadAttention: expected length 6 on axis -1");
    const cross = multiHeadAttention({ size: 6, heads: 2, contextSize: 3 });
    const own = scrambled(cross.init(key(1)));
    const without = () =>
      interpret((p: AttentionParams, a: Tensor) => cross.apply(p, a), own, sample([2, 3, 6], 1));
    expect(without).toThrow("multiHeadAttention: expected a context");
  });
});
