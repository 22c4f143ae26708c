import { expect, onTestFinished, test } from "vitest";
import { takeRows } from "../../src/engine/array/index.ts";
import { key, normal } from "../../src/engine/random/index.ts";
import { random, spec } from "../../src/engine/runtime/index.ts";
import type { Draw, Tensor } from "../../src/engine/tensor/index.ts";
import { exactOT } from "../../src/flow/coupling/index.ts";
import { flowMatching } from "../../src/flow/matching/index.ts";
import { mlp } from "../../src/nn/index.ts";
import {
  arrayBatches,
  fit,
  mapBatches,
  type PairedBatchesOptions,
  pairedBatches,
  type Trainer,
  trainer,
} from "../../src/train/index.ts";
import { scratchFolder } from "./scratch.ts";

const scratch = scratchFolder();
const run = key("run");
const data = { x1: normal(key("data"), [100, 2], { mean: 3 }) };
const labels = { ...data.x1, shape: [100], data: data.x1.data.filter((_, at) => at % 2 === 0) };
const model = mlp({ size: 2, hidden: 16, depth: 1 });

/** Without a worker the numbers would be the same: losing it must not go unseen. */
const warn = (message: string) => expect.unreachable(message);

function pairs(options: Partial<PairedBatchesOptions> = {}) {
  const batches = pairedBatches(arrayBatches({ ...data, along: labels }, { batchSize: 32 }), {
    coupling: { kind: "exactOT" },
    fromRows: 1,
    warn,
    ...options,
  });
  onTestFinished(() => batches[Symbol.dispose]());
  return batches;
}

type Args = [x0: Tensor, x1: Tensor, draw: Draw];

async function start(): Promise<Trainer<Parameters<typeof model.apply>[0], Args>> {
  const matching = flowMatching();
  const made = await trainer<Parameters<typeof model.apply>[0], Args>({
    params: model.init(key("params")),
    loss: (params, x0, x1, draw) =>
      matching((x, t) => model.apply(params, x, t, undefined), { x0, x1 }, draw),
    signature: [spec([32, 2]), spec([32, 2]), random],
    learningRate: 1e-2,
    ema: 0.9,
  });
  onTestFinished(() => made[Symbol.dispose]());
  return made;
}

const steps = 40;

async function trained(options: Partial<PairedBatchesOptions>, until = [steps], folder?: string) {
  let result = await start();
  for (const end of until) {
    result = await start();
    const batches = mapBatches(pairs(options), ({ batch: { x0, x1 }, key: own }) => [x0, x1, own] as const);
    const checkpoint = folder ? { checkpoint: { folder: scratch(folder), every: 7 } } : {};
    await fit({ trainer: result, batches, key: run, steps: end, ...checkpoint });
  }
  return result.snapshot();
}

test("batches are those of pairing by hand, and x1 and what follows it stay together", async () => {
  const batches = pairs();
  const plain = arrayBatches(data, { batchSize: 32 });
  for (const index of [0, 1, 2, 7]) {
    const { x1 } = await plain.at(index, run);
    const x0 = normal(run.fold("step").fold(index).fold("x0"), [32, 2]);
    const { target } = exactOT().pair({ x0, x1, key: run });
    const found = await batches.at(index, run);
    expect(found.x0).toEqual(x0);
    expect(found.x1).toEqual(takeRows(x1, target));
    expect(found.along.data).toEqual(found.x1.data.filter((_, at) => at % 2 === 0));
  }
});

test("the same numbers come of training with a worker, without one, with any number ahead, and resumed", async () => {
  const whole = await trained({ fromRows: 1000, ahead: 0 });
  expect(await trained({})).toEqual(whole);
  expect(await trained({ ahead: 5, coupling: { kind: "exactOT" } })).toEqual(whole);
  expect(await trained({}, [9, 23, steps], "resumed")).toEqual(whole);
});

test("couplings that draw do so by the run's key and the batch, in a worker as here", async () => {
  const coupling = { kind: "sinkhornOT", options: { epsilon: 1 } } as const;
  const at = async (options: Partial<PairedBatchesOptions>, index: number, of = run) =>
    (await pairs({ coupling, ...options }).at(index, of)).x1;
  const here = await at({ fromRows: 1000 }, 3);
  expect(await at({}, 3)).toEqual(here);
  expect(await at({}, 4)).not.toEqual(here);
  expect(await at({}, 3, key("another run"))).not.toEqual(here);
});

test("pairing overlaps training: the next batches are asked for before the first is used", async () => {
  const asked: number[] = [];
  const at = (index: number) => {
    asked.push(index);
    return data;
  };
  const source = { batchSize: 32, at };
  const batches = pairedBatches(source, { coupling: { kind: "exactOT" }, fromRows: 1, warn });
  onTestFinished(() => batches[Symbol.dispose]());
  await batches.at(0, run);
  expect(asked).toEqual([0, 1, 2]);
  await batches.at(1, run);
  expect(asked).toEqual([0, 1, 2, 3]);
});

test("NaN in a batch is told when its turn comes", async () => {
  const broken = { x1: { ...data.x1, data: new Float32Array(200).fill(Number.NaN) } };
  const source = { batchSize: 100, at: (index: number) => (index === 1 ? broken : data) };
  const batches = pairedBatches(source, { coupling: { kind: "exactOT" }, fromRows: 1, warn });
  onTestFinished(() => batches[Symbol.dispose]());
  await batches.at(0, run);
  await expect(batches.at(1, run)).rejects.toMatchObject({ kind: "numerical", where: "squaredEuclidean" });
  expect((await batches.at(2, run)).x0.shape).toEqual([100, 2]);
});
