import { describe, expect, test } from "vitest";
import { type NdArray, ndarray, zeros } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { constant, flip, interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import { gru, type LstmState, lstm, type RecurrentParams, type Values } from "../../../src/nn/index.ts";
import { checkSecondDerivative, sample } from "../../helpers/gradcheck.ts";
import { checkLeaves, scrambled, shapesOf, statistics } from "../check.ts";

const x = sample([2, 4, 3], 1);
const options = { inputs: 3, hidden: 2 };
const deep = { ...options, layers: 2, bidirectional: true };
const state = (count: number) => ({ hidden: sample([count, 2, 2], 2), cell: sample([count, 2, 2], 3) });

describe.each([
  { name: "one layer", options, count: 1 },
  { name: "two layers, both directions", options: deep, count: 4 },
])("$name", ({ options, count }) => {
  test("lstm has the derivatives of finite differences, from zeros and from a state", () => {
    const layer = lstm(options);
    const params = scrambled(layer.init(key(1)));
    const outputs = (p: RecurrentParams, a: Tensor, s?: LstmState) => {
      const { output, hidden, cell } = layer.apply(p, a, s);
      return output
        .sum({ axes: [0, 1] })
        .add(hidden.sum().mul(0.3))
        .add(cell.sum().mul(-0.7));
    };
    checkLeaves((p: RecurrentParams, a: Tensor) => outputs(p, a), [params, x]);
    checkLeaves((p: RecurrentParams, a: Tensor, s: LstmState) => outputs(p, a, s), [params, x, state(count)]);
  });

  test("gru has the derivatives of finite differences, from zeros and from a state", () => {
    const layer = gru(options);
    const params = scrambled(layer.init(key(1)));
    const outputs = (p: RecurrentParams, a: Tensor, h?: Tensor) => {
      const { output, hidden } = layer.apply(p, a, h);
      return output.sum({ axes: [0, 1] }).add(hidden.sum().mul(0.3));
    };
    checkLeaves((p: RecurrentParams, a: Tensor) => outputs(p, a), [params, x]);
    checkLeaves(
      (p: RecurrentParams, a: Tensor, h: Tensor) => outputs(p, a, h),
      [params, x, state(count).hidden],
    );
  });
});

test("second derivatives are those of finite differences", () => {
  const params = scrambled(lstm(options).init(key(1)));
  checkSecondDerivative((a: Tensor) => lstm(options).apply(constants(params), a).output, [x]);
});

const constants = (params: Values<RecurrentParams>): RecurrentParams =>
  Object.fromEntries(Object.entries(params).map(([name, array]) => [name, constant(array as NdArray)]));

describe.each([
  { name: "lstm", layer: lstm, gates: 4 },
  { name: "gru", layer: gru, gates: 3 },
])("$name", ({ layer, gates }) => {
  const run = (of: typeof deep | typeof options, params: object, a: Tensor) =>
    layer(of).apply(params as RecurrentParams, a).output;

  test("the reverse direction is a forward one over the reversed sequence", () => {
    const both = scrambled(layer({ ...options, bidirectional: true }).init(key(1)));
    const reversed = Object.fromEntries(
      Object.entries(both)
        .filter(([name]) => name.endsWith("_reverse"))
        .map(([name, array]) => [name.replace("_reverse", ""), array]),
    );
    const got = interpret(
      (p: RecurrentParams, q: RecurrentParams, a: Tensor) => ({
        second: run({ ...options, bidirectional: true } as typeof deep, p, a).slice({ axis: 2, start: 2 }),
        expected: flip(run(options, q, flip(a, 1)), 1),
      }),
      both as never,
      reversed as never,
      x,
    );
    got.expected.data.forEach((value, i) => expect(got.second.data[i]).toBeCloseTo(value, 12));
  });

  test("states: the last output of the forward pass, the first of the reverse", () => {
    const params = scrambled(layer(deep).init(key(1)));
    const { output, hidden } = interpret(
      (p: RecurrentParams, a: Tensor) => {
        const result = layer(deep).apply(p, a);
        return { output: result.output, hidden: result.hidden };
      },
      params as never,
      x,
    );
    expect([output.shape, hidden.shape]).toEqual([
      [2, 4, 4],
      [4, 2, 2],
    ]);
    const at = (batch: number, time: number, channel: number) =>
      output.data[(batch * 4 + time) * 4 + channel];
    for (const [batch, channel] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const) {
      expect(hidden.data[(2 * 2 + batch) * 2 + channel]).toBe(at(batch, 3, channel));
      expect(hidden.data[(3 * 2 + batch) * 2 + channel]).toBe(at(batch, 0, 2 + channel));
    }
  });

  test("a state of zeros is none", () => {
    const params = scrambled(layer(options).init(key(1)));
    const start = zeros([1, 2, 2], "float64");
    const got = interpret(
      (p: RecurrentParams, a: Tensor, s: Tensor) => ({
        without: run(options, p, a),
        with:
          layer === lstm
            ? lstm(options).apply(p, a, { hidden: s, cell: s }).output
            : gru(options).apply(p, a, s).output,
      }),
      params as never,
      x,
      start,
    );
    expect(got.with).toEqual(got.without);
  });

  test("names, layouts and first values are PyTorch's", () => {
    const rows = gates * 2;
    const pass = (suffix: string, inputs: number) => [
      `weight_ih_${suffix} [${rows},${inputs}]`,
      `weight_hh_${suffix} [${rows},2]`,
      `bias_ih_${suffix} [${rows}]`,
      `bias_hh_${suffix} [${rows}]`,
    ];
    expect(shapesOf(layer(deep).init(key(1)))).toEqual([
      ...pass("l0", 3),
      ...pass("l0_reverse", 3),
      ...pass("l1", 4),
      ...pass("l1_reverse", 4),
    ]);
    const wide = layer({ inputs: 30, hidden: 100 }).init(key(1)) as Readonly<Record<string, NdArray>>;
    for (const values of Object.values(wide)) {
      const { mean, high, low } = statistics(values);
      expect(Math.abs(mean)).toBeLessThan(0.01);
      expect(Math.max(-low, high)).toBeLessThanOrEqual(Math.fround(0.1));
      expect(Math.max(-low, high)).toBeGreaterThan(0.098);
    }
  });

  test("a wrong width is named", () => {
    const params = scrambled(layer(options).init(key(1)));
    const wrong = ndarray(new Float64Array(16), [2, 4, 2], "float64");
    expect(() =>
      interpret((p: RecurrentParams, a: Tensor) => run(options, p, a), params as never, wrong),
    ).toThrow("expected length 3 on axis -1 of the input, got [2, 4, 2].");
    expect(() => layer({ inputs: 3, hidden: 0 })).toThrow("expected hidden to be a whole number >= 1");
  });
});
