import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { array, parseSafetensors } from "../../src/engine/array/index.ts";
import {
  amsgrad,
  arranged,
  type FitRequest,
  fit,
  loadCheckpoint,
  newestCheckpoint,
  saveCheckpoint,
  sgd,
  snapshotOf,
} from "../../src/train/index.ts";
import { type Args, batches, heldOut, netTrainer, run } from "./fitting.ts";
import { firstParams, type Net } from "./regression.ts";
import { scratchFolder } from "./scratch.ts";

const scratch = scratchFolder();

const fileNames = [
  "config.json",
  "model.safetensors",
  "ema.safetensors",
  "optimizer.safetensors",
  "progress.json",
];

async function trained(options: Partial<FitRequest<Net, Args>> = {}, trainerOptions = {}) {
  using trainer = await netTrainer(trainerOptions);
  const checkpoint = { folder: scratch("run"), every: 4, config: { model: "net", width: 700 } };
  const result = await fit({ trainer, batches, key: run, steps: 12, checkpoint, ...options });
  return { ...result, snapshot: trainer.snapshot() };
}

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 3]! ^= 1;
  writeFileSync(path, bytes);
}

describe("a checkpoint", () => {
  test("is a folder of readable files that bring back every bit", async () => {
    const { checkpoint: folder, snapshot, progress } = await trained();
    expect(folder).toBe(`${scratch("run")}/step-00000012`);
    expect(readdirSync(folder!).sort()).toEqual([...fileNames, "checksums.json"].sort());
    const loaded = await loadCheckpoint(folder!);
    expect(loaded.config).toEqual({ model: "net", width: 700 });
    expect(loaded.progress).toEqual({ ...progress, updates: 12 });
    expect(loaded.progress.key).toEqual(run.words);
    expect(snapshotOf(loaded, snapshot)).toEqual(snapshot);
    expect(arranged(loaded.ema, { like: firstParams })).toEqual(snapshot.ema);
    const { tensors } = parseSafetensors(readFileSync(join(folder!, "model.safetensors")));
    expect(Object.keys(tensors).sort()).toEqual(["first.b", "first.w", "last.w"]);
    expect(Object.keys(loaded.optimizer)).toContain("m.first.w");
  });

  test.each([...fileNames, "checksums.json"])(
    "with one wrong bit in %s is refused by the file's name",
    async (name) => {
      const { checkpoint: folder } = await trained();
      flipByte(join(folder!, name));
      const loading = loadCheckpoint(folder!);
      await expect(loading).rejects.toMatchObject({ name: "AdvectError", kind: "format" });
      if (name !== "checksums.json") await expect(loading).rejects.toThrow(`${folder}/${name}: expected`);
    },
  );

  test("carries the statistics of the data, if there are any", async () => {
    const stats = { "x.mean": array([1, 2, 3]), "x.std": array([0.5, 0.25, 4]) };
    const { checkpoint } = await trained({ checkpoint: { folder: scratch("run"), every: 4, stats } });
    expect((await loadCheckpoint(checkpoint!)).stats).toEqual(stats);
    const { checkpoint: without } = await trained({ checkpoint: { folder: scratch("none"), every: 4 } });
    expect((await loadCheckpoint(without!)).stats).toEqual({});
  });

  test("replaces one of the same name", async () => {
    const { snapshot, progress } = await trained();
    for (const config of [{ version: 1 }, { version: 2 }]) {
      await saveCheckpoint(scratch("own"), { snapshot, progress, config });
      expect((await loadCheckpoint(scratch("own"))).config).toEqual(config);
    }
    expect(readdirSync(scratch()).sort()).toEqual(["own", "run"]);
  });
});

describe("when checkpoints are damaged", () => {
  const damages: { name: string; file: string; damage: (path: string) => void }[] = [
    { name: "half of a file", file: "model.safetensors", damage: (path) => truncateSync(path, 100) },
    { name: "a file that is missing", file: "optimizer.safetensors", damage: (path) => rmSync(path) },
    { name: "a flipped bit", file: "ema.safetensors", damage: flipByte },
    { name: "an empty file", file: "checksums.json", damage: (path) => truncateSync(path, 0) },
  ];
  test.each(damages)(
    "by $name, the one before is used, with a warning that names $file",
    async ({ file, damage }) => {
      const { checkpoint: folder, snapshot } = await trained();
      damage(join(folder!, file));
      const warnings: string[] = [];
      const newest = await newestCheckpoint(scratch("run"), { warn: (text) => warnings.push(text) });
      expect(newest!.progress.step).toBe(8);
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain(`${folder}/${file}`);
      const again = await trained({ warn: () => {} });
      expect(again.snapshot).toEqual(snapshot);
      expect((await loadCheckpoint(folder!)).progress.step).toBe(12);
    },
  );

  test("all of them, nothing is started over in silence", async () => {
    await trained();
    for (const step of readdirSync(scratch("run"))) flipByte(join(scratch("run"), step, "model.safetensors"));
    await expect(trained({ warn: () => {} })).rejects.toMatchObject({
      kind: "format",
      message: expect.stringContaining("2 damaged ones"),
    });
  });

  test("what a killed process left half-written is removed", async () => {
    await mkdir(join(scratch("run"), ".step-00000004.some-id.tmp"), { recursive: true });
    await mkdir(join(scratch("run"), "notes"), { recursive: true });
    await trained();
    expect(readdirSync(scratch("run")).sort()).toEqual(["notes", "step-00000008", "step-00000012"]);
  });
});

describe("a checkpoint of something else", () => {
  const wide = { ...firstParams, first: { ...firstParams.first, b: array([1, 2]) } };
  test.each([
    {
      name: "another shape",
      from: firstParams,
      to: wide,
      says: "expected tensor first.b of shape [2], got shape [700]",
    },
    {
      name: "a tensor less",
      from: firstParams,
      to: { ...firstParams, more: array([1]) },
      says: "expected tensor more of shape [1], got no such tensor",
    },
    {
      name: "a tensor more",
      from: { ...firstParams, more: array([1]) },
      to: firstParams,
      says: "expected only the tensors of the model, got also more of shape [1]",
    },
  ])("is refused for $name, by the tensor's name", ({ from, to, says }) => {
    const named = Object.fromEntries(
      Object.entries({ "first.w": from.first.w, "first.b": from.first.b, "last.w": from.last.w }).concat(
        "more" in from ? [["more", from.more as typeof from.first.b]] : [],
      ),
    );
    expect(() => arranged(named as never, { like: to })).toThrow(says);
    expect(arranged(named as never, { like: from })).toEqual(from);
  });

  test("is refused for another optimiser, before the trainer is changed", async () => {
    await trained();
    using trainer = await netTrainer({ optimizer: amsgrad() });
    const before = trainer.snapshot();
    const checkpoint = { folder: scratch("run"), every: 4 };
    await expect(fit({ trainer, batches, key: run, steps: 20, checkpoint })).rejects.toMatchObject({
      kind: "shape",
      message: expect.stringMatching(
        /optimizer\.safetensors: expected tensor vMax\.\S+ of shape .* got no such tensor/,
      ),
    });
    expect(trainer.snapshot()).toEqual(before);
    await expect(trained({}, { optimizer: sgd() })).rejects.toThrow(
      /only the tensors of the model, got also m\./,
    );
  });
});

test("the newest are kept, and the one with the best validation", async () => {
  const folder = scratch("run");
  // a rate that ruins the model after step 12: the best validation stays there
  const learningRate = (step: number) => (step < 12 ? 1e-3 : 0.5);
  const { progress } = await trained(
    {
      steps: 40,
      validate: { batches: heldOut, every: 4, count: 2 },
      checkpoint: { folder, every: 4, keep: 3 },
    },
    { learningRate, ema: undefined },
  );
  const best = progress.best!.step;
  expect(best).toBeLessThanOrEqual(12);
  expect(readdirSync(folder).map((name) => Number(name.slice(5)))).toEqual([best, 32, 36, 40]);
});
