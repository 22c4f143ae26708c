import { describe, expect, test } from "vitest";
import { array, type NdArray, ndarray } from "../../src/engine/array/index.ts";
import { key, normal } from "../../src/engine/random/index.ts";
import { spec } from "../../src/engine/runtime/index.ts";
import { interpret, type Tensor } from "../../src/engine/tensor/index.ts";
import { mlp, mse, spectralNorm } from "../../src/nn/index.ts";
import {
  arrayBatches,
  fit,
  loadCheckpoint,
  mapBatches,
  type Trainer,
  type TrainerRequest,
  trainer,
} from "../../src/train/index.ts";
import { bowl } from "./regression.ts";
import { scratchFolder } from "./scratch.ts";

const scratch = scratchFolder();

/** p is trained; `sum` counts what p was. */
interface Counted {
  readonly p: Tensor;
  readonly sum: Tensor;
}
const values = { p: array([1, -2, 3]), sum: array([0, 0, 0]) };
const next = ({ p, sum }: Counted) => ({ sum: sum.add(p) });

function counting(options: Partial<TrainerRequest<Counted, [Tensor]>> = {}) {
  return trainer<Counted, [Tensor]>({
    params: values,
    loss: ({ p, sum }, target) => bowl({ p }, target).add(sum.mul(0).sum()),
    signature: [spec([3])],
    learningRate: 0.1,
    next,
    ...options,
  });
}

describe("parameters that are computed", () => {
  test.each([{}, { ema: 0.5 }, { microBatches: 2 }])(
    "have their next value after each step, from the parameters before it: %j",
    async (options) => {
      using run = await counting(options);
      const expected = [0, 0, 0];
      for (let step = 0; step < 5; step++) {
        run.snapshot().params.p.data.forEach((value, i) => {
          expected[i] = Math.fround(expected[i]! + value);
        });
        if (options.microBatches) await run.accumulate(array([1, 1, 1]));
        await run.step(array([0, 0, 0]));
        expect([...run.snapshot().params.sum.data]).toEqual(expected);
      }
      const { ema, params } = run.snapshot();
      expect([...ema.sum.data]).toEqual(options.ema ? [...params.sum.data] : [0, 0, 0]);
    },
  );

  test("stay as they are in a step that is skipped, and in evaluation", async () => {
    using run = await counting();
    await run.step(array([0, 0, 0]));
    const before = run.snapshot();
    expect((await run.step(array([Number.NaN, 0, 0]))).skipped).toBe(true);
    await run.evaluate(array([0, 0, 0]));
    expect(run.snapshot()).toEqual(before);
  });

  test("must be parameters, of their shapes", async () => {
    const refused = { name: "AdvectError", kind: "shape" };
    const other = counting({ next: ({ p }) => ({ other: p }) });
    await expect(other).rejects.toMatchObject({ ...refused, message: expect.stringContaining("other") });
    const long = counting({ next: ({ p }) => ({ sum: p.sum() }) });
    await expect(long).rejects.toMatchObject({ ...refused, message: expect.stringContaining("next sum") });
  });
});

describe("a model with spectral normalisation", () => {
  const model = spectralNorm(mlp({ size: 2, hidden: 24, depth: 2 }));
  type P = Parameters<typeof model.apply>[0];
  const run = key("run");
  const data = { x: normal(key("x"), [64, 2]), y: normal(key("y"), [64, 2], { std: 5 }) };
  const t = ndarray(new Float32Array(16), [16]);
  const batches = mapBatches(
    arrayBatches(data, { batchSize: 16 }),
    ({ batch: { x, y } }) => [x, y, t] as const,
  );

  function start(): Promise<Trainer<P, [Tensor, Tensor, Tensor]>> {
    return trainer<P, [Tensor, Tensor, Tensor]>({
      params: model.init(key("params")),
      loss: (params, x, y, time) => mse({ prediction: model.apply(params, x, time, undefined), target: y }),
      signature: [spec([16, 2]), spec([16, 2]), spec([16])],
      learningRate: (step) => 1e-2 * Math.max(0, 1 - step / 250),
      ema: 0.9,
      next: model.next,
    });
  }

  /** |W x| / |W| largest over the singular directions, by many iterations of its own. */
  function sigma({ shape: [rows = 0], data: weight }: NdArray): number {
    const columns = weight.length / rows;
    let v = new Float64Array(columns).map((_, j) => Math.sin(j + 1));
    let length = 0;
    for (let i = 0; i < 2000; i++) {
      const u = Float64Array.from({ length: rows }, (_, r) =>
        v.reduce((a, x, c) => a + x * weight[r * columns + c]!, 0),
      );
      const back = v.map((_, c) => u.reduce((a, x, r) => a + x * weight[r * columns + c]!, 0));
      length = Math.sqrt(Math.hypot(...back) / Math.hypot(...v));
      v = back.map((x) => x / Math.hypot(...back));
    }
    return length;
  }

  /** |Wᵀ u|. */
  function lengthThrough({ data: weight }: NdArray, u: Float32Array): number {
    const columns = weight.length / u.length;
    const through = (c: number) => u.reduce((total, x, r) => total + x * weight[r * columns + c]!, 0);
    return Math.hypot(...Array.from({ length: columns }, (_, c) => through(c)));
  }

  test("trains, its vectors follow the weights, and a resumed run has the same bits", async () => {
    const folder = scratch("run");
    using whole = await start();
    await fit({ trainer: whole, batches, key: run, steps: 300 });
    let last = "";
    for (const steps of [70, 151, 300]) {
      using part = await start();
      last = (await fit({ trainer: part, batches, key: run, steps, checkpoint: { folder, every: 50 } }))
        .checkpoint!;
      if (steps === 300) expect(part.snapshot()).toEqual(whole.snapshot());
    }
    const { model: saved } = await loadCheckpoint(last);
    expect(Object.keys(saved)).toContain("spectral.net.0.weight");

    const { params } = whole.snapshot();
    const first = model.init(key("params"));
    for (const layer of ["0", "2", "4"]) {
      const u = params.spectral[`net.${layer}.weight`]!.data as Float32Array;
      const before = first.spectral[`net.${layer}.weight`]!.data as Float32Array;
      const { weight } = params.net.net[layer]!;
      expect(u).not.toEqual(before);
      expect(lengthThrough(weight, u) / sigma(weight)).toBeGreaterThan(0.98);
    }
    const jump = interpret(
      (p: P, x: Tensor, time: Tensor) => model.apply(p, x, time, undefined),
      params as never,
      data.x as never,
      ndarray(new Float32Array(64), [64]) as never,
    ) as NdArray;
    expect(jump.data.every(Number.isFinite)).toBe(true);
  });
});
