import { expect, test } from "vitest";
import {
  type AdamOptions,
  adam,
  adamW,
  amsgrad,
  type Optimizer,
  type SgdOptions,
  sgd,
} from "../../src/train/index.ts";
import { expectClose, golden, type Numbers, row } from "./golden.ts";

interface TorchOptions {
  readonly lr: number;
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly weight_decay?: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly amsgrad?: boolean;
}
interface Inputs {
  readonly optimizer: string;
  readonly options: TorchOptions;
  readonly param: Numbers;
  readonly grads: Numbers;
}

const notImplemented = ["rmsprop", "rmsprop_centered", "adagrad", "nadam", "radam", "adamax"];

function fromTorch(name: string, torch: TorchOptions): Optimizer {
  const { momentum, nesterov, weight_decay: weightDecay, eps: epsilon, betas } = torch;
  const given = { momentum, nesterov, weightDecay, epsilon, beta1: betas?.[0], beta2: betas?.[1] };
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (name === "SGD") return sgd(options as SgdOptions);
  if (name === "AdamW") return adamW(options as AdamOptions);
  return torch.amsgrad ? amsgrad(options as AdamOptions) : adam(options as AdamOptions);
}

const cases = golden<Inputs, { params_after_each_step: Numbers }>("optimizers", "optimizer");

test.for(cases)("$name walks the golden trace", ({ name, inputs, expected }, { skip }) => {
  if (notImplemented.includes(name)) {
    console.warn(`golden optimizers: ${name} is not implemented, skipped`);
    skip();
  }
  const optimizer = fromTorch(inputs.optimizer, inputs.options);
  const params = Float64Array.from(inputs.param.data);
  const state = optimizer.init(params);
  const steps = inputs.grads.shape[0]!;
  for (let i = 0; i < steps; i++) {
    const gradient = Float64Array.from(row(inputs.grads, i));
    optimizer.step({ params, gradient, state, learningRate: inputs.options.lr });
    expectClose(params, row(expected.params_after_each_step, i), `step ${i}`);
  }
  expect(state.count).toBe(steps);
  expect(Object.keys(state.moments)).toEqual(optimizer.moments);
});

const all = [
  sgd({ weightDecay: 0.1 }),
  sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.1 }),
  adam({ weightDecay: 0.1 }),
  amsgrad({ weightDecay: 0.1 }),
  adamW({ weightDecay: 0.1 }),
];

function walk(optimizer: Optimizer, decayed?: readonly { start: number; end: number }[]): Float32Array {
  const params = new Float32Array([1, -2, 3, -4, 5]);
  const state = optimizer.init(params);
  for (let i = 0; i < 5; i++) {
    const gradient = new Float32Array([0.1, 0.2 * i, -0.3, 0.4, -0.5]);
    optimizer.step({ params, gradient, state, learningRate: 0.1, ...(decayed && { decayed }) });
  }
  return params;
}

test.each(all)("$name decays exactly the given ranges", (optimizer) => {
  const everywhere = walk(optimizer);
  const nowhere = walk(optimizer, []);
  const mixed = walk(optimizer, [
    { start: 0, end: 1 },
    { start: 3, end: 4 },
  ]);
  const expected = everywhere.map((value, i) => (i === 0 || i === 3 ? value : nowhere[i]!));
  expect([...mixed]).toEqual([...expected]);
  for (let i = 0; i < 5; i++) expect(Math.abs(everywhere[i]!)).not.toBe(Math.abs(nowhere[i]!));
});

test.each(all)("$name reaches the minimum of a quadratic", (optimizer) => {
  const params = new Float64Array([3, -2]);
  const state = optimizer.init(params);
  for (let i = 0; i < 3000; i++) {
    const gradient = params.map((p, j) => (j + 1) * p);
    optimizer.step({ params, gradient, state, learningRate: 0.05 / (1 + i / 100) });
  }
  expect(Math.hypot(...params)).toBeLessThan(1e-3);
});

test("dampening keeps the first gradient whole", () => {
  const optimizer = sgd({ momentum: 0.5, dampening: 0.25 });
  const params = new Float64Array([0]);
  const state = optimizer.init(params);
  optimizer.step({ params, gradient: new Float64Array([1]), state, learningRate: 1 });
  expect(params[0]).toBe(-1);
  optimizer.step({ params, gradient: new Float64Array([1]), state, learningRate: 1 });
  expect(params[0]).toBe(-1 - (0.5 * 1 + 0.75 * 1));
});

test("moments have the precision of the parameters and the gradient is not written to", () => {
  const params = new Float32Array(3);
  const state = adamW().init(params);
  expect(state.moments.m).toBeInstanceOf(Float32Array);
  const gradient = new Float32Array([1, 2, 3]);
  adam({ weightDecay: 1 }).step({ params, gradient, state, learningRate: 1 });
  expect([...gradient]).toEqual([1, 2, 3]);
});

test.each([
  ["beta1", () => adam({ beta1: 1 })],
  ["beta2", () => amsgrad({ beta2: Number.NaN })],
  ["epsilon", () => adamW({ epsilon: -1e-8 })],
  ["weightDecay", () => adamW({ weightDecay: Infinity })],
  ["momentum", () => sgd({ momentum: -0.1 })],
  ["dampening", () => sgd({ dampening: 1.5 })],
  ["nesterov", () => sgd({ nesterov: true })],
])("a bad %s is refused by name", (field, act) => {
  expect(act).toThrow(expect.objectContaining({ kind: "option", message: expect.stringContaining(field) }));
});

test("vectors of different lengths and overlapping ranges are refused", () => {
  const params = new Float64Array(4);
  const update = { params, gradient: new Float64Array(4), state: sgd().init(params), learningRate: 1 };
  const step = (change: object) => () => sgd().step({ ...update, ...change });
  expect(step({ gradient: new Float64Array(3) })).toThrow(expect.objectContaining({ kind: "shape" }));
  const ranges = (...pairs: [number, number][]) => pairs.map(([start, end]) => ({ start, end }));
  for (const decayed of [
    ranges([0, 5]),
    ranges([-1, 2]),
    ranges([2, 4], [0, 1]),
    ranges([0, 3], [1, 4]),
    ranges([0, Number.NaN]),
  ]) {
    expect(step({ decayed })).toThrow(expect.objectContaining({ kind: "option" }));
  }
});
