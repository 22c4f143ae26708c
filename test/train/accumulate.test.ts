import { expect, test } from "vitest";
import { array, type NdArray, ndarray, zeros } from "../../src/engine/array/index.ts";
import { spec } from "../../src/engine/runtime/index.ts";
import { leaves, type Tensor } from "../../src/engine/tensor/index.ts";
import { sgd, type TrainerRequest, trainer } from "../../src/train/index.ts";
import { batchOf, bowl, bowlParams, bowlSignature, firstParams, type Net, netLoss } from "./regression.ts";

type NetRequest = TrainerRequest<Net, [Tensor, Tensor]>;

const signature = (rows: number) => [spec([rows, 3]), spec([rows, 2])] as const;
const flat = (tree: unknown) => leaves<NdArray>(tree).flatMap(({ data }) => [...data]);

function stacked(arrays: readonly NdArray[]): NdArray {
  const [{ shape }] = arrays as [NdArray];
  return ndarray(Float32Array.from(arrays.flatMap(({ data }) => [...data])), [
    shape[0]! * arrays.length,
    ...shape.slice(1),
  ]);
}

const loss = (params: Net, x: Tensor, y: Tensor) => {
  const value = netLoss(params, x, y);
  return { loss: value, metrics: { twice: value.mul(2) } };
};

test.each([
  { name: "the fused AdamW", optimizer: { epsilon: 1e-3 } },
  { name: "an optimiser in TypeScript", optimizer: sgd({ momentum: 0.9 }) },
])("with $name three batches of 8 in one update are one batch of 24", async ({ optimizer }) => {
  const shared: Omit<NetRequest, "signature"> = {
    params: firstParams,
    loss,
    learningRate: 0.01,
    optimizer,
    clipNorm: 0.7,
    ema: 0.9,
  };
  using small = await trainer<Net, [Tensor, Tensor]>({ ...shared, signature: signature(8), microBatches: 3 });
  using big = await trainer<Net, [Tensor, Tensor]>({ ...shared, signature: signature(24) });
  for (let step = 0; step < 5; step++) {
    const parts = [0, 1, 2].map((i) => batchOf(3 * step + i));
    await small.accumulate(...parts[0]!);
    await small.accumulate(...parts[1]!);
    const a = await small.step(...parts[2]!);
    const b = await big.step(stacked(parts.map(([x]) => x)), stacked(parts.map(([, y]) => y)));
    expect(a.step).toBe(b.step);
    expect(Math.abs(a.loss / b.loss - 1)).toBeLessThan(1e-6);
    expect(Math.abs(a.metrics.twice! / b.metrics.twice! - 1)).toBeLessThan(1e-6);
    expect(Math.abs(a.gradientNorm / b.gradientNorm - 1)).toBeLessThan(1e-5);
  }
  for (const part of ["params", "ema"] as const) {
    const expected = flat(big.snapshot()[part]);
    const error = Math.hypot(...flat(small.snapshot()[part]).map((value, i) => value - expected[i]!));
    const moved = Math.hypot(...flat(firstParams).map((value, i) => value - expected[i]!));
    expect(error / moved).toBeLessThan(1e-4);
  }
});

const bowlRequest = {
  params: bowlParams,
  loss: bowl,
  signature: bowlSignature,
  learningRate: 0.25,
  optimizer: sgd(),
};

test("steps and accumulated batches take turns, and say so", async () => {
  using pair = await trainer<{ p: Tensor }, [Tensor]>({ ...bowlRequest, microBatches: 2 });
  await expect(pair.step(zeros([3]))).rejects.toThrow(
    "Trainer.step: expected 1 accumulated batches before a step, as microBatches is 2, got 0",
  );
  await pair.accumulate(zeros([3]));
  await expect(pair.accumulate(zeros([3]))).rejects.toThrow("Trainer.accumulate: expected at most 1");
  expect((await pair.step(array([4, 4, 4]))).step).toBe(1);
  // the mean of gradients 2 (p - 0) and 2 (p - 4) takes p half of the way to 2
  expect([...pair.snapshot().params.p.data]).toEqual([1.5, 0, 2.5]);
  using single = await trainer<{ p: Tensor }, [Tensor]>(bowlRequest);
  await expect(single.accumulate(zeros([3]))).rejects.toMatchObject({ kind: "option" });
  await expect(trainer({ ...bowlRequest, microBatches: 0 })).rejects.toMatchObject({ kind: "option" });
});

test("one bad batch spoils its update only, and a restored trainer has nothing accumulated", async () => {
  using pair = await trainer<{ p: Tensor }, [Tensor]>({ ...bowlRequest, microBatches: 2 });
  await pair.accumulate(array([Number.NaN, 0, 0]));
  expect((await pair.step(zeros([3]))).skipped).toBe(true);
  expect(pair.snapshot().params).toEqual(bowlParams);
  await pair.accumulate(array([100, 100, 100]));
  pair.restore(pair.snapshot());
  await pair.accumulate(zeros([3]));
  await pair.step(array([4, 4, 4]));
  expect([...pair.snapshot().params.p.data]).toEqual([1.5, 0, 2.5]);
});

test("an evaluation is the loss at the average, where one is kept, and changes nothing", async () => {
  using plain = await trainer<{ p: Tensor }, [Tensor]>(bowlRequest);
  using averaging = await trainer<{ p: Tensor }, [Tensor]>({ ...bowlRequest, ema: 0.5 });
  for (const [run, expected] of [
    [plain, 3.5],
    [averaging, 7.875],
  ] as const) {
    // biome-ignore format: one line
    await run.step(zeros([3])); // p = [1, -2, 3] / 2, the average 3/4 of [1, -2, 3]
    const before = run.snapshot();
    expect((await run.evaluate(zeros([3]))).loss).toBe(expected);
    expect(run.snapshot()).toEqual(before);
    await run.step(zeros([3]));
    expect((await run.evaluate(zeros([3]))).loss).toBeLessThan(expected);
  }
});
