import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { array, type NdArray, zeros } from "../../src/engine/array/index.ts";
import { key, normal } from "../../src/engine/random/index.ts";
import { random, spec } from "../../src/engine/runtime/index.ts";
import { type Draw, input, namedLeaves, type Tensor, transpose } from "../../src/engine/tensor/index.ts";
import { type Condition, mse, type Unet1dParams, unet1d } from "../../src/nn/index.ts";
import { sgd, type Trainer, trainer } from "../../src/train/index.ts";
import { type Storage, storages, storedArray, unstored, unstoredArray } from "../../src/train/storage.ts";

const net = unet1d({ size: 2, widths: [8, 16], timeSize: 8 });
const params = net.init(key("net"));

/** Regression onto noise, drawn in the step. */
function loss(p: Unet1dParams, x: Tensor, t: Tensor, draw: Draw): Tensor {
  const prediction = net.apply(p, x, t, {} as Condition);
  return mse({ prediction, target: draw.normal("target", [4, 8, 2]) });
}

type Args = [Tensor, Tensor, Draw];
const request = { params, loss, signature: [spec([4, 8, 2]), spec([4]), random] as const };
const times = array([0.1, 0.4, 0.6, 0.9]);

const open = (options: object = {}): Promise<Trainer<Unet1dParams, Args>> =>
  trainer<Unet1dParams, Args>({ ...request, learningRate: 3e-3, ema: 0.9, clipNorm: 1, ...options });

async function steps(run: Trainer<Unet1dParams, Args>, from: number, to: number): Promise<number[]> {
  const losses: number[] = [];
  for (let step = from; step < to; step++) {
    const own = key("step").fold(step);
    losses.push((await run.step(normal(own.fold("x"), [4, 8, 2]), times, own)).loss);
  }
  return losses;
}

/** Differs when a bit of a snapshot does. */
function digest(snapshot: unknown): string {
  const hash = createHash("sha256").update(`${(snapshot as { step?: number }).step}`);
  for (const [path, { data }] of namedLeaves<NdArray<"float32">>(snapshot))
    hash.update(path).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest("hex");
}

/** Names and shapes. */
const outline = (tree: unknown) => [...namedLeaves<NdArray>(tree)].map(([path, { shape }]) => [path, shape]);

describe("a snapshot of a convolutional network", () => {
  test("has the names, shapes and numbers of the parameters, however they are stored", async () => {
    using run = await open();
    const { step, params: copied, ema, moments } = run.snapshot();
    expect(step).toBe(0);
    expect(digest(copied)).toEqual(digest(params));
    expect(digest(ema)).toEqual(digest(params));
    expect(Object.keys(moments)).toEqual(["m", "v"]);
    for (const tree of [copied, ema, ...Object.values(moments)])
      expect(outline(tree)).toEqual(outline(params));
  });

  test("is a copy", async () => {
    using run = await open();
    const before = run.snapshot();
    const kept = digest(before);
    await steps(run, 0, 1);
    expect(digest(before)).toBe(kept);
    expect(digest(run.snapshot())).not.toBe(kept);
    for (const { data } of namedLeaves<NdArray>(run.snapshot().params).values()) data.fill(Number.NaN);
    expect((await steps(run, 1, 2))[0]).toBeGreaterThan(0);
  });

  test.each([
    { name: "the fused AdamW", options: {} },
    { name: "an optimiser with one moment", options: { optimizer: sgd({ momentum: 0.9 }) } },
  ])("lets another trainer go on with the same bits, with $name", async ({ options }) => {
    using whole = await open(options);
    const losses = await steps(whole, 0, 6);
    using first = await open(options);
    await steps(first, 0, 3);
    const snapshot = first.snapshot();
    await steps(first, 3, 4);
    using second = await open({ ...options, params: net.init(key("other")) });
    for (const run of [first, second]) {
      run.restore(snapshot);
      expect(run.stepCount).toBe(3);
      expect(await steps(run, 3, 6)).toEqual(losses.slice(3));
      expect(digest(run.snapshot())).toBe(digest(whole.snapshot()));
    }
  });

  test("is refused when it is of another network or optimiser, and changes nothing then", async () => {
    using run = await open();
    await steps(run, 0, 1);
    const before = run.snapshot();
    const other = { ...before, moments: { m: before.moments.m!, momentum: before.moments.v! } };
    expect(() => run.restore(other)).toThrow(
      'Trainer.restore: expected the optimiser\'s moment "v", got [m, momentum]',
    );
    const wide = unet1d({ size: 2, widths: [8, 24], timeSize: 8 }).init(key(1));
    expect(() => run.restore({ ...before, step: 9, ema: wide as typeof before.ema })).toThrow(
      expect.objectContaining({ kind: "shape" }),
    );
    const flat = { ...before.params, extra: zeros([1]) } as typeof before.params;
    expect(() => run.restore({ ...before, params: flat })).toThrow(
      expect.objectContaining({ kind: "shape" }),
    );
    expect(digest(run.snapshot())).toBe(digest(before));
  });
});

describe("the storage of a parameter", () => {
  const [w, v] = [input("w", spec([2, 3, 4])), input("v", spec([2, 3, 4]))];

  test("is permuted where its only use permutes it", () => {
    const turned = transpose(w, [2, 0, 1]);
    const [how, plain] = storages([w, v], [turned.exp(), turned.sum(), v.exp()]) as [Storage, Storage];
    expect(how).toEqual({ shape: [4, 2, 3], dtype: "float32", permutation: [2, 0, 1] });
    expect(plain).toEqual({ shape: [2, 3, 4], dtype: "float32" });
  });

  test("is not when other uses take it as it is", () => {
    const [how] = storages([w], [transpose(w, [2, 0, 1]), w.exp()]) as [Storage];
    expect(how).not.toHaveProperty("permutation");
  });

  test("is invisible: the parameter's own arrangement comes back", () => {
    const how: Storage = { shape: [4, 2, 3], dtype: "float32", permutation: [2, 0, 1] };
    const numbers = normal(key(1), [2, 3, 4]);
    const stored = storedArray(numbers, how);
    expect(stored.shape).toEqual([4, 2, 3]);
    expect(stored.data[1 * 6 + 1 * 3 + 2]).toBe(numbers.data[1 * 12 + 2 * 4 + 1]);
    expect(unstoredArray(stored, how)).toEqual(numbers);
    const source = input("stored", spec([4, 2, 3]));
    expect(transpose(unstored(source, how), [2, 0, 1])).toBe(source);
  });
});
