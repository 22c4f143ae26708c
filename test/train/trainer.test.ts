import { describe, expect, test } from "vitest";
import { array, asType, type NdArray, zeros } from "../../src/engine/array/index.ts";
import { key, normal } from "../../src/engine/random/index.ts";
import { random, spec } from "../../src/engine/runtime/index.ts";
import { type Draw, interpret, leaves, type Tensor, valueAndGrad } from "../../src/engine/tensor/index.ts";
import {
  adamW,
  clipCoefficient,
  globalNorm,
  type Optimizer,
  type StepReport,
  sgd,
  trainer,
  updateAverage,
  warmupDecay,
} from "../../src/train/index.ts";
import {
  batchOf,
  bowl,
  bowlParams,
  bowlSignature,
  firstParams,
  type Net,
  netLoss,
  netSignature,
} from "./regression.ts";

const flat = (tree: unknown) => Float64Array.from(leaves<NdArray>(tree).flatMap(({ data }) => [...data]));

const double = (array: NdArray) => asType(array, "float64");

/** `flat` of the net's parameters, in its tree again. */
function unflat(vector: Float64Array): typeof firstParams {
  let start = 0;
  const next = ({ shape, data }: NdArray): NdArray => {
    start += data.length;
    return { shape, dtype: "float64", data: vector.slice(start - data.length, start) } as NdArray;
  };
  const { first, last } = firstParams;
  return { first: { w: next(first.w), b: next(first.b) }, last: { w: next(last.w) } } as typeof firstParams;
}

interface Recipe {
  readonly optimizer: Optimizer;
  readonly clipNorm: number;
  readonly learningRate: (step: number) => number;
  readonly decay: (update: number) => number;
}

/** Training in float64 with the interpreter and plain TypeScript: loss and parameters of each step, and the average. */
function reference({ optimizer, clipNorm, learningRate, decay }: Recipe, steps: number) {
  const params = flat(firstParams);
  const average = params.slice();
  const state = optimizer.init(params);
  const decayed = [
    { start: 0, end: 2100 },
    { start: 2800, end: 4200 },
  ];
  const reports = Array.from({ length: steps }, (_, step) => {
    const [x, y] = batchOf(step);
    const { value, gradient: tree } = interpret(valueAndGrad(netLoss), unflat(params), double(x), double(y));
    const gradient = flat(tree);
    const norm = globalNorm(gradient);
    const scale = clipCoefficient({ norm, maxNorm: clipNorm });
    optimizer.step({
      params,
      gradient: gradient.map((g) => g * scale),
      state,
      learningRate: learningRate(step),
      decayed,
    });
    updateAverage(average, { params, decay: decay(step) });
    return { loss: value.data[0]!, gradientNorm: norm };
  });
  return { params, average, reports };
}

const recipe = {
  clipNorm: 0.5,
  learningRate: (step: number) => 1e-3 * (step + 1),
  decay: warmupDecay(0.9),
};

/** |a - b| / |b| */
function distance(a: ArrayLike<number>, b: Float64Array): number {
  return Math.hypot(...b.map((value, i) => value - a[i]!)) / Math.hypot(...b);
}

async function trained(options: { optimizer?: object; clipNorm?: number; threads?: number }, steps: number) {
  using run = await trainer<Net, [Tensor, Tensor]>({
    params: firstParams,
    loss: netLoss,
    signature: netSignature,
    learningRate: recipe.learningRate,
    ema: recipe.decay,
    ...options,
  });
  const reports: StepReport[] = [];
  for (let step = 0; step < steps; step++) reports.push(await run.step(...batchOf(step)));
  return { reports, snapshot: run.snapshot() };
}

describe("twenty steps", () => {
  test.each([
    { name: "the fused AdamW", options: {}, optimizer: adamW() },
    {
      name: "the fused AdamW with options",
      options: { optimizer: { beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.3 } },
      optimizer: adamW({ beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.3 }),
    },
    { name: "AdamW as an optimiser", options: { optimizer: adamW() }, optimizer: adamW() },
    {
      name: "gradient descent with momentum",
      options: { optimizer: sgd({ momentum: 0.9, weightDecay: 0.1 }) },
      optimizer: sgd({ momentum: 0.9, weightDecay: 0.1 }),
    },
  ])("of $name are those of the formulas in float64", async ({ options, optimizer }) => {
    const expected = reference({ ...recipe, optimizer }, 20);
    const { reports, snapshot } = await trained({ ...options, clipNorm: recipe.clipNorm }, 20);
    expect(distance(flat(snapshot.params), expected.params)).toBeLessThan(2e-5);
    expect(distance(flat(snapshot.ema), expected.average)).toBeLessThan(2e-5);
    reports.forEach(({ step, loss, gradientNorm, learningRate, skipped }, i) => {
      expect([step, learningRate, skipped]).toEqual([i + 1, recipe.learningRate(i), false]);
      expect(Math.abs(loss / expected.reports[i]!.loss - 1)).toBeLessThan(1e-5);
      expect(Math.abs(gradientNorm / expected.reports[i]!.gradientNorm - 1)).toBeLessThan(1e-5);
    });
    expect(
      expected.reports.filter(({ gradientNorm }) => gradientNorm > recipe.clipNorm).length,
    ).toBeGreaterThan(2);
    expect(distance(flat(firstParams), expected.params)).toBeGreaterThan(1e-2);
  });

  test("are the same bits every time", async () => {
    expect((await trained({}, 5)).snapshot).toEqual((await trained({}, 5)).snapshot);
  });
});

describe("a step", () => {
  const request = { params: bowlParams, loss: bowl, signature: bowlSignature, learningRate: 0.1 };
  const descent = { ...request, optimizer: sgd() };
  const origin = zeros([3]);

  test("moves against the gradient, by the length that clipping leaves", async () => {
    using free = await trainer<{ p: Tensor }, [Tensor]>(descent);
    expect((await free.step(origin)).loss).toBe(14);
    free.snapshot().params.p.data.forEach((value, i) => expect(value).toBeCloseTo(0.8 * [1, -2, 3][i]!, 6));
    using clipped = await trainer<{ p: Tensor }, [Tensor]>({ ...descent, clipNorm: 1 });
    expect((await clipped.step(origin)).gradientNorm).toBeCloseTo(2 * Math.sqrt(14), 5);
    const { p } = clipped.snapshot().params;
    expect(Math.hypot(...p.data.map((value, i) => value - bowlParams.p.data[i]!))).toBeCloseTo(0.1, 6);
  });

  test("gives the schedule its number, counted from 0", async () => {
    const asked: number[] = [];
    const learningRate = (step: number) => {
      asked.push(step);
      return 0.5 / (step + 1);
    };
    using run = await trainer<{ p: Tensor }, [Tensor]>({ ...descent, learningRate });
    const reports = [await run.step(origin), await run.step(origin), await run.step(origin)];
    expect(asked).toEqual([0, 1, 2]);
    expect(reports.map((report) => report.learningRate)).toEqual([0.5, 0.25, 0.5 / 3]);
    expect(run.stepCount).toBe(3);
  });

  test("refuses a learning rate that is none, and can go on afterwards", async () => {
    let rate = Number.NaN;
    using run = await trainer<{ p: Tensor }, [Tensor]>({ ...descent, learningRate: () => rate });
    await expect(run.step(origin)).rejects.toMatchObject({
      kind: "option",
      message: expect.stringContaining("got NaN at step 0"),
    });
    expect(run.snapshot().params).toEqual(bowlParams);
    rate = 0.5;
    expect((await run.step(origin)).step).toBe(1);
    expect([...run.snapshot().params.p.data]).toEqual([0, 0, 0]);
  });

  test("whose gradient is not finite is skipped, and leaves everything as it was", async () => {
    using run = await trainer<{ p: Tensor }, [Tensor]>({ ...request, ema: 0.5, clipNorm: 1 });
    await run.step(origin);
    const before = run.snapshot();
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const report = await run.step(array([0, bad, 0]));
      expect(report).toMatchObject({ skipped: true, step: 1 });
      expect(Number.isFinite(report.loss)).toBe(false);
    }
    expect(run.snapshot()).toEqual(before);
    expect((await run.step(origin)).skipped).toBe(false);
  });

  test("reports metrics beside the loss", async () => {
    const loss = ({ p }: { p: Tensor }, target: Tensor) => ({
      loss: bowl({ p }, target),
      metrics: { largest: p.max(), first: target.slice({ axis: 0, stop: 1 }).reshape([]) },
    });
    using run = await trainer<{ p: Tensor }, [Tensor]>({ ...descent, loss });
    expect((await run.step(array([7, 0, 0]))).metrics).toEqual({ largest: 3, first: 7 });
  });

  test("draws the same for the same key, and something else for another", async () => {
    const loss = ({ p }: { p: Tensor }, draw: Draw) => bowl({ p }, draw.normal("noise", [3]));
    const noisy = { ...request, loss, signature: [random] as const, learningRate: 0 };
    using run = await trainer<{ p: Tensor }, [Draw]>(noisy);
    const first = await run.step(key(1));
    expect((await run.step(key(1))).loss).toBe(first.loss);
    expect((await run.step(key(2))).loss).not.toBe(first.loss);
    const noise = normal(key(1).fold("noise"), [3]).data;
    const expected = bowlParams.p.data.reduce((sum: number, value, i) => sum + (value - noise[i]!) ** 2, 0);
    expect(first.loss).toBeCloseTo(expected, 4);
  });

  test("takes exactly the batch of its signature", async () => {
    const loss = ({ p }: { p: Tensor }, { target }: { target: Tensor }) => bowl({ p }, target);
    type Batch = { target: Tensor };
    using run = await trainer<{ p: Tensor }, [Batch]>({
      ...descent,
      loss,
      signature: [{ target: spec([3]) }],
    });
    const wrong = [[{ target: zeros([4]) }], [{ target: array([1, 2, 3], "int32") }], [], [{}], [undefined]];
    for (const batch of wrong) {
      await expect(run.step(...(batch as [{ target: NdArray }]))).rejects.toMatchObject({
        kind: "shape",
        where: "Trainer.step",
      });
    }
    await expect(run.step({ target: zeros([4]) })).rejects.toThrow(
      "expected argument 0.target to be float32 [3], got float32 [4]. A trainer takes exactly the shapes",
    );
    expect(run.stepCount).toBe(0);
  });

  test("is refused once the trainer is disposed of, while its snapshot can still be taken", async () => {
    const run = await trainer<{ p: Tensor }, [Tensor]>(descent);
    run[Symbol.dispose]();
    run[Symbol.dispose]();
    await expect(run.step(origin)).rejects.toThrow(
      "expected a trainer that is idle, got one that was disposed",
    );
    expect(run.snapshot().params).toEqual(bowlParams);
  });

  test("must be awaited before the next, and finishes when its trainer is disposed of meanwhile", async () => {
    const run = await trainer<{ p: Tensor }, [Tensor]>({ ...descent, device: "wasm" });
    const first = run.step(origin);
    await expect(run.step(origin)).rejects.toThrow("got one whose last step is not finished");
    expect((await first).step).toBe(1);
    const last = run.step(origin);
    run[Symbol.dispose]();
    expect((await last).step).toBe(2);
    await expect(run.step(origin)).rejects.toThrow("got one that was disposed");
  });

  test("of one trainer does not move another", async () => {
    using a = await trainer<{ p: Tensor }, [Tensor]>(descent);
    using b = await trainer<{ p: Tensor }, [Tensor]>({ ...descent, learningRate: 0.5 });
    await Promise.all([a.step(origin), b.step(array([2, 2, 2])), a.stepCount]);
    expect([...b.snapshot().params.p.data]).toEqual([2, 2, 2]);
    a.snapshot().params.p.data.forEach((value, i) => expect(value).toBeCloseTo(0.8 * [1, -2, 3][i]!, 6));
    expect(bowlParams.p).toEqual(array([1, -2, 3]));
  });
});

describe("a trainer", () => {
  test("is refused for a loss or a metric that is not one number", async () => {
    const request = { params: bowlParams, signature: bowlSignature, learningRate: 0.1 };
    const vector = ({ p }: { p: Tensor }, target: Tensor) => p.sub(target);
    await expect(trainer({ ...request, loss: vector })).rejects.toMatchObject({ kind: "shape" });
    const loss = (params: { p: Tensor }, target: Tensor) => ({
      loss: bowl(params, target),
      metrics: { error: vector(params, target) },
    });
    await expect(trainer({ ...request, loss })).rejects.toThrow(/metric "error" to be one number, got \[3\]/);
  });

  test.each([
    { learningRate: -1 },
    { learningRate: Number.NaN },
    { clipNorm: 0 },
    { clipNorm: Number.NaN },
    { ema: 2 },
    { optimizer: { beta1: 1 } },
  ])("is refused for %o", async (wrong) => {
    const request = { params: bowlParams, loss: bowl, signature: bowlSignature, learningRate: 0.1, ...wrong };
    await expect(trainer(request)).rejects.toMatchObject({ kind: "option" });
  });

  test("gives a parameter that the loss ignores no gradient, and equal parameters equal ones", async () => {
    const params = { a: array([1, 2]), b: array([1, 2]), idle: array([5]) };
    type P = { a: Tensor; b: Tensor; idle: Tensor };
    const loss = ({ a, b }: P, x: Tensor) => a.add(b).mul(x).sum();
    using run = await trainer<P, [Tensor]>({
      params,
      loss,
      signature: [spec([2])],
      learningRate: 1,
      optimizer: sgd(),
    });
    await run.step(array([1, 10]));
    const after = run.snapshot().params;
    expect([...after.a.data, ...after.b.data, ...after.idle.data]).toEqual([0, -8, 0, -8, 5]);
    expect(run.parameterCount).toBe(5);
  });

  test("takes parameters of any name, also those of a batch, and empty ones", async () => {
    const large = zeros([3000]);
    const params = { "0": large, small: large, loss: array([1]), none: zeros([0]) };
    type P = Record<keyof typeof params, Tensor>;
    const loss = (p: P, x: Tensor) =>
      p["0"].add(p.small.mul(2)).sum().add(p.loss.mul(x).sum()).add(p.none.sum());
    const request = { params, loss, signature: [spec([1])] as const, learningRate: 1, optimizer: sgd() };
    using run = await trainer<P, [Tensor]>(request);
    expect((await run.step(array([5]))).loss).toBe(5);
    const after = run.snapshot().params;
    expect([after["0"].data[7], after.small.data[7], after.loss.data[0]]).toEqual([-1, -2, -4]);
    expect(after.none).toEqual(zeros([0]));
  });

  test("applies weight decay where it is told, by path and the parameter's own shape", async () => {
    const params = { w: array([[1, 2, 3], [4, 5, 6]]), b: array([4]) }; // biome-ignore format: one line
    type P = { w: Tensor; b: Tensor };
    const shapes = new Map<string, readonly number[]>();
    const decay = ({ path, shape }: { path: string; shape: readonly number[] }) => {
      shapes.set(path, shape);
      return path === "b";
    };
    const loss = ({ w, b }: P, x: Tensor) => w.transpose().mul(x).sum().add(b.mul(x).sum());
    const optimizer = adamW({ weightDecay: 0.5 });
    const request = { params, loss, signature: [spec([1])] as const, learningRate: 1, optimizer };
    using run = await trainer<P, [Tensor]>({ ...request, decay });
    await run.step(array([0]));
    const after = run.snapshot().params;
    expect([...after.w.data, ...after.b.data]).toEqual([1, 2, 3, 4, 5, 6, 2]);
    expect(Object.fromEntries(shapes)).toEqual({ w: [2, 3], b: [1] });
  });
});
