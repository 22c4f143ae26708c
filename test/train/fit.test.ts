import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { appendLine } from "../../src/engine/platform/index.ts";
import { key } from "../../src/engine/random/index.ts";
import { platformFiles } from "../../src/train/files.ts";
import {
  type Batches,
  type FitRequest,
  fit,
  loadCheckpoint,
  prefetched,
  readLog,
  validation,
} from "../../src/train/index.ts";
import { type Args, batches, broken, heldOut, netTrainer, run } from "./fitting.ts";
import type { Net } from "./regression.ts";
import { scratchFolder } from "./scratch.ts";

const scratch = scratchFolder();

type Options = Partial<FitRequest<Net, Args>>;

const validate = { batches: heldOut, every: 7, count: 2 };

/** Everything at once in the folder `name`; the snapshot at the end, and the log without its times. */
async function trained(name: string, options: Options = {}, trainerOptions = {}) {
  using trainer = await netTrainer(trainerOptions);
  const checkpoint = { folder: scratch(name), every: 5 };
  const log = { path: scratch(`${name}.jsonl`), every: 3 };
  const request = { trainer, batches, key: run, steps: 40, checkpoint, log, validate, ...options };
  const result = await fit<Net, Args>(request);
  const lines = existsSync(log.path) ? await readLog(log.path) : [];
  const entries = lines.map(({ seconds, samplesPerSecond, ...entry }) => entry);
  return { ...result, snapshot: trainer.snapshot(), entries };
}

/** Batches that abort `controller` when batch `index` is asked for. */
function abortingAt(controller: AbortController, index: number): Batches<never> {
  const at = (i: number, of: typeof run) => {
    if (i === index) controller.abort();
    return batches.at(i, of);
  };
  return { batchSize: 8, at } as unknown as Batches<never>;
}

describe("a run that is resumed", () => {
  test.each([1, 2, 17, 36])(
    "after %d batches ends with the bits of one that never stopped",
    async (count) => {
      const whole = await trained("whole");
      const controller = new AbortController();
      const written: string[] = [];
      const first = await trained("parts", {
        batches: abortingAt(controller, count - 1),
        signal: controller.signal,
        progress: { to: { write: (text) => written.push(text) } },
      });
      expect(first.reason).toBe("aborted");
      expect(first.progress.step).toBe(count);
      const folder = `${scratch("parts")}/step-${`${count}`.padStart(8, "0")}`;
      expect(first.checkpoint).toBe(folder);
      expect(written.at(-1)).toBe(
        `Stopped at step ${count} of 40, saved in ${folder}. To resume, run the same again.\n`,
      );
      const second = await trained("parts");
      expect(second.reason).toBe("steps");
      expect(second.snapshot).toEqual(whole.snapshot);
      expect(second.entries).toEqual(whole.entries);
      expect({ ...second.progress, seconds: 0 }).toEqual({ ...whole.progress, seconds: 0 });
    },
  );

  test("without checkpoints goes on in the same trainer", async () => {
    const whole = await trained("whole");
    using trainer = await netTrainer();
    for (const steps of [13, 40]) await fit({ trainer, batches, key: run, steps });
    expect(trainer.snapshot()).toEqual(whole.snapshot);
  });

  test("may stop anywhere with micro-batches and batches that come ahead of time", async () => {
    const options = { batches: prefetched(batches, { ahead: 3 }) };
    const whole = await trained("whole", options, { microBatches: 2 });
    await trained("parts", { ...options, steps: 11 }, { microBatches: 2 });
    expect((await trained("parts", {}, { microBatches: 2 })).snapshot).toEqual(whole.snapshot);
    expect((await trained("single")).snapshot).not.toEqual(whole.snapshot);
  });

  test("does nothing when all is done, and goes on when it is to be longer", async () => {
    const done = await trained("run", { steps: 20 });
    const names = readdirSync(scratch("run"));
    const again = await trained("run", { steps: 20 });
    expect(again.snapshot).toEqual(done.snapshot);
    expect(readdirSync(scratch("run"))).toEqual(names);
    expect((await trained("run")).snapshot).toEqual((await trained("whole")).snapshot);
  });

  test("is refused with another key", async () => {
    await trained("run", { steps: 10 });
    await expect(trained("run", { key: key("other") })).rejects.toMatchObject({
      kind: "option",
      message: expect.stringContaining("Give the same key to go on"),
    });
  });

  test("says so when there is nothing to resume from", async () => {
    using trainer = await netTrainer();
    const written: string[] = [];
    const request = { trainer, batches, key: run, steps: 5, signal: AbortSignal.abort() };
    const result = await fit({ ...request, progress: { to: { write: (text) => written.push(text) } } });
    expect(result).toMatchObject({ reason: "aborted", progress: { step: 0 } });
    expect(written).toEqual([
      "Stopped at step 0 of 5. Nothing was saved: with a checkpoint folder it could be resumed.\n",
    ]);
  });
});

test("training stops at an abort that comes from a timer, though no step ever waits", async () => {
  using trainer = await netTrainer();
  const { reason, progress } = await fit({
    trainer,
    batches,
    key: run,
    steps: 1e9,
    signal: AbortSignal.timeout(200),
  });
  expect(reason).toBe("aborted");
  expect(progress.step).toBeGreaterThan(1);
});

test("the log has the mean of every interval, and every validation", async () => {
  using trainer = await netTrainer();
  const losses: number[] = [];
  const step: typeof trainer.step = async (...batch) => {
    const report = await trainer.step(...batch);
    losses.push(report.loss);
    return report;
  };
  const watched = { ...trainer, get stepCount() { return trainer.stepCount; }, step }; // biome-ignore format: one line
  let ms = 0;
  const clock = { nowMs: () => (ms += 20) };
  const log = { path: scratch("log.jsonl"), every: 5 };
  await fit({ trainer: watched, batches, key: run, steps: 10, log, validate, clock });
  const entries = await readLog(log.path);
  expect(entries.map(({ step }) => step)).toEqual([5, 7, 10]);
  const mean = (from: number) => losses.slice(from, from + 5).reduce((sum, loss) => sum + loss, 0) / 5;
  expect(entries[0]!.loss).toBeCloseTo(mean(0), 12);
  expect(entries[2]!.loss).toBeCloseTo(mean(5), 12);
  expect(entries[2]).toMatchObject({
    skipped: 0,
    learningRate: 1e-3 * 1.9,
    metrics: { twice: expect.closeTo(2 * losses[9]!, 5) },
  });
  const { seconds, samplesPerSecond } = entries[2] as unknown as {
    seconds: number;
    samplesPerSecond: number;
  };
  expect(samplesPerSecond).toBeCloseTo((10 * 8) / seconds, 8);
  expect(entries[1]).toMatchObject({ validation: expect.any(Number) });
});

test("speed is that of this process, seconds are those of the whole run", async () => {
  using trainer = await netTrainer();
  let ms = 0;
  const clock = { nowMs: () => (ms += 20) };
  const log = { path: scratch("log.jsonl"), every: 5 };
  const request = {
    trainer,
    batches,
    key: run,
    log,
    clock,
    checkpoint: { folder: scratch("run"), every: 5 },
  };
  const { progress } = await fit({ ...request, steps: 5 });
  ms += 1e6;
  await fit({ ...request, steps: 10 });
  const [, last] = (await readLog(log.path)) as unknown as { seconds: number; samplesPerSecond: number }[];
  expect(progress.seconds).toBeGreaterThan(0);
  expect(last!.seconds).toBeCloseTo(2 * progress.seconds, 10);
  expect(last!.samplesPerSecond).toBeCloseTo((5 * 8) / (last!.seconds - progress.seconds), 8);
});

describe("validation", () => {
  test("draws the same every time, and is the mean over its batches", async () => {
    using trainer = await netTrainer();
    const first = await validation(trainer, { batches: heldOut, every: 1, count: 2 }, run);
    expect(await validation(trainer, { batches: heldOut, every: 1, count: 2 }, run)).toEqual(first);
    const fixed = run.fold("validation");
    const parts = [0, 1].map(async (i) => (await trainer.evaluate(...(await heldOut.at(i, fixed)))).loss);
    expect(first.loss).toBeCloseTo(((await parts[0]!) + (await parts[1]!)) / 2, 12);
    expect((await validation(trainer, { batches: heldOut, every: 1, count: 2 }, key(7))).loss).not.toBe(
      first.loss,
    );
  });

  test("does not change training", async () => {
    const { snapshot } = await trained("with", { steps: 15 });
    using trainer = await netTrainer();
    await fit({ trainer, batches, key: run, steps: 15 });
    expect(trainer.snapshot()).toEqual(snapshot);
  });

  test("that improves no more ends training, also after a pause", async () => {
    const ruined = { learningRate: (step: number) => (step < 10 ? 1e-3 : 0.5), ema: undefined };
    const options = { validate: { ...validate, every: 2, patience: 3 }, steps: 1000 };
    const whole = await trained("whole", options, ruined);
    expect(whole.reason).toBe("patience");
    expect(whole.progress.step).toBe(whole.progress.best!.step + 6);
    const best = await loadCheckpoint(
      `${scratch("whole")}/step-${`${whole.progress.best!.step}`.padStart(8, "0")}`,
    );
    expect(best.progress.metrics.validation).toBe(whole.progress.best!.loss);
    await trained("parts", { ...options, steps: whole.progress.step - 3 }, ruined);
    const rest = await trained("parts", options, ruined);
    expect([rest.reason, rest.progress.step]).toEqual(["patience", whole.progress.step]);
    expect((await trained("parts", options, ruined)).progress.step).toBe(whole.progress.step);
  });
});

describe("trouble", () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });

  test("with a full disk is an io error; the checkpoint before it and the trainer are whole", async () => {
    let room = 2;
    const writeFolderAtomic: typeof platformFiles.writeFolderAtomic = async (path, contents) => {
      if (room-- <= 0) throw full;
      return platformFiles.writeFolderAtomic(path, contents);
    };
    using trainer = await netTrainer();
    const request = { trainer, batches, key: run, checkpoint: { folder: scratch("run"), every: 5 } };
    const failing = fit({ ...request, steps: 40, files: { ...platformFiles, writeFolderAtomic } });
    await expect(failing).rejects.toMatchObject({
      name: "AdvectError",
      kind: "io",
      message: expect.stringMatching(/to save .*step-00000015, got ENOSPC: no space .* intact at step 15/),
    });
    using reference = await netTrainer();
    await fit({ trainer: reference, batches, key: run, steps: 15 });
    expect(trainer.snapshot()).toEqual(reference.snapshot());
    expect((await loadCheckpoint(`${scratch("run")}/step-00000010`)).progress.step).toBe(10);
    const elsewhere = { folder: scratch("elsewhere"), every: 5 };
    await fit({ ...request, steps: 40, checkpoint: elsewhere });
    await fit({ trainer: reference, batches, key: run, steps: 40 });
    expect(trainer.snapshot()).toEqual(reference.snapshot());
  });

  test("with the log is an io error that says to free some space", async () => {
    const files = { ...platformFiles, appendLine: () => appendLine("/dev/full", "x") };
    await expect(trained("run", { files })).rejects.toMatchObject({ kind: "io" });
    if (process.platform === "linux")
      await expect(trained("run", { files })).rejects.toThrow("Free some space");
  });

  test("with one batch is skipped and counted, with every batch an error", async () => {
    const spoiled = (from: number, to: number) =>
      ({
        batchSize: 8,
        at: async (i: number, of: typeof run) => {
          const [x, ...rest] = await batches.at(i, of);
          return [i >= from && i < to ? broken : x, ...rest];
        },
      }) as unknown as typeof batches;
    const { progress, entries, snapshot } = await trained("run", { batches: spoiled(3, 5), steps: 9 });
    expect([progress.step, snapshot.step]).toEqual([9, 7]);
    expect(
      entries.filter((entry) => "loss" in entry).map(({ skipped, loss }) => [skipped, typeof loss]),
    ).toEqual([
      [0, "number"],
      [2, "number"],
      [0, "number"],
    ]);
    await expect(trained("lost", { batches: spoiled(6, 1e9) })).rejects.toMatchObject({
      kind: "numerical",
      message: expect.stringContaining("none in the 20 steps up to 26"),
    });
  });

  test("of the batches' own leaves the trainer ready to go on", async () => {
    let broke = false;
    const at = (i: number, of: typeof run) => {
      if (i === 5 && !broke) {
        broke = true;
        throw new Error("the connection is gone");
      }
      return batches.at(i, of);
    };
    using trainer = await netTrainer({ microBatches: 2 });
    using reference = await netTrainer({ microBatches: 2 });
    const request = { trainer, batches: { batchSize: 8, at } as typeof batches, key: run, steps: 6 };
    await expect(fit(request)).rejects.toThrow("the connection is gone");
    expect(trainer.stepCount).toBe(2);
    await fit(request);
    await fit({ ...request, trainer: reference });
    expect(trainer.snapshot()).toEqual(reference.snapshot());
  });

  test.each([
    { steps: -1 },
    { checkpoint: { folder: "x", every: 0 } },
    { checkpoint: { folder: "x", every: 1, keep: 0 } },
    { log: { path: "x", every: 0 } },
    { validate: { batches: heldOut, every: 0 } },
    { validate: { batches: heldOut, every: 1, count: 0 } },
    { validate: { batches: heldOut, every: 1, patience: 0 } },
  ])("with options is told before anything is written: %o", async (wrong) => {
    using trainer = await netTrainer();
    const request = { trainer, batches, key: run, steps: 5, ...wrong };
    await expect(fit(request)).rejects.toMatchObject({ kind: "option", where: "fit" });
    expect(trainer.stepCount).toBe(0);
  });
});

test("progress.json and config.json can be read by people", async () => {
  const { checkpoint } = await trained("run", { steps: 5 });
  const text = readFileSync(`${checkpoint}/progress.json`, "utf8");
  expect(text).toContain('"step": 5,\n');
  expect(JSON.parse(readFileSync(`${checkpoint}/config.json`, "utf8"))).toEqual({});
});
