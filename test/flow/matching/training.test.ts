import { beforeAll, describe, expect, test } from "vitest";
import type { NdArray } from "../../../src/engine/array/index.ts";
import { key, normal, uniform } from "../../../src/engine/random/index.ts";
import { evaluate, random, spec } from "../../../src/engine/runtime/index.ts";
import { type Draw, expandDims, filled, interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import type { CompiledField } from "../../../src/flow/field/index.ts";
import {
  type AverageVelocity,
  consistency,
  flowPairs,
  jump,
  meanFlow,
  reflow,
  shortcut,
} from "../../../src/flow/matching/index.ts";
import { affine, condOT } from "../../../src/flow/path/index.ts";
import { euler, heun2 } from "../../../src/flow/solver/index.ts";
import { straightness } from "../../../src/metrics/index.ts";
import { type MlpParams, mlp } from "../../../src/nn/index.ts";
import { cosineRate, trainer } from "../../../src/train/index.ts";
import {
  compiledField,
  distanceFromPoints,
  fieldError,
  fromPairs,
  fromPoints,
  model,
  shares,
  trained,
  type Values,
} from "./training.ts";

const first = model.init(key("init")) as Values;
let learned: Values;

beforeAll(async () => {
  learned = await trained(first, { steps: 2500, rows: fromPoints, seed: "flow" });
});

test("a network trained on eight points approaches the exact marginal velocity", () => {
  const { x1 } = fromPoints(key("test"));
  const t = uniform(key("test").fold("t"), [256], { low: 0, high: 0.8 });
  const xt = interpret(
    (x0: Tensor, data: Tensor, time: Tensor) => affine(condOT).sample({ x0, x1: data, t: time }).xt,
    normal(key("test").fold("x0"), [256, 2]),
    x1,
    t,
  );
  const [before, after] = [fieldError(first, xt, t), fieldError(learned, xt, t)];
  expect(before).toBeGreaterThan(0.5);
  expect(after).toBeLessThan(0.05);
});

describe("reflow", () => {
  const sources = (name: string | number): NdArray => normal(key("sources").fold(name), [512, 2]);

  test("straightens the flow, so that one step does what took many", async () => {
    using field = await compiledField(learned, 512);
    const rounds = await reflow(field, {
      rounds: 1,
      sources,
      solver: heun2,
      train: async (pairs) => {
        const params = await trained(learned, { steps: 1000, rows: fromPairs(pairs), seed: "reflow" });
        return compiledField(params, 512);
      },
    });
    const { pairs, field: straight } = rounds[0]!;
    const again = await flowPairs(straight, sources("test"), { solver: heun2 });
    const one = async (of: CompiledField) =>
      distanceFromPoints((await flowPairs(of, sources("test"), { solver: euler, times: [0, 1] })).x1);
    expect(straightness(again).value).toBeLessThan(straightness(pairs).value / 10);
    expect(await one(straight)).toBeLessThan((await one(field)) / 2);
  });
});

describe("one jump of a network that learned averages", () => {
  const x0 = normal(key("jump"), [512, 2]);
  const averaged = mlp({ size: 2, hidden: 64, depth: 3, conditionSize: 1 });
  const network =
    (p: MlpParams): AverageVelocity =>
    (x, { from, to }) =>
      averaged.apply(p, x, from, expandDims(to.sub(from), -1));

  const averages =
    (matching: ReturnType<typeof meanFlow> | ReturnType<typeof shortcut>) =>
    (p: MlpParams, x1: Tensor, draw: Draw) =>
      matching(network(p), { x1 }, draw);
  const straight = consistency({ step: 0.05, velocityWeight: 0.01 });
  const field =
    (p: MlpParams): AverageVelocity =>
    (x, { from }) =>
      averaged.apply(p, x, from, filled([x.shape[0]!, 1], 0));
  test.each([
    { name: "mean flow", network, loss: averages(meanFlow({ instant: 0.5 })) },
    { name: "shortcut", network, loss: averages(shortcut()) },
    {
      name: "consistency",
      network: field,
      loss: (p: MlpParams, x1: Tensor, draw: Draw) =>
        straight((x, t) => field(p)(x, { from: t, to: t }), { x1 }, draw),
    },
  ])("by $name is nearer to the data than one step of a flow", async ({ network: average, loss }) => {
    using run = await trainer<MlpParams, [Tensor, Draw]>({
      params: averaged.init(key("averaged")) as Values,
      loss,
      signature: [spec([256, 2]), random],
      learningRate: cosineRate({ from: 4e-3, steps: 3000 }),
    });
    for (let step = 0; step < 3000; step++) {
      const stepKey = key("averages").fold(step);
      await run.step(fromPoints(stepKey.fold("rows")).x1, stepKey);
    }
    const { params } = run.snapshot();
    const jumped = await evaluate((p: MlpParams, x: Tensor) => jump(average(p), x).x, [params, x0] as never);
    using plain = await compiledField(learned, 512);
    const { x1 } = await flowPairs(plain, x0, { solver: euler, times: [0, 1] });
    expect(distanceFromPoints(jumped as NdArray)).toBeLessThan(distanceFromPoints(x1) / 2);
    expect(Math.min(...shares(jumped as NdArray))).toBeGreaterThan(0.07);
  });
});
