import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { sampleWith } from "../../../src/app/build/sample.ts";
import { loadRun, recipeOfRun, reportRun, sampleRun } from "../../../src/app/index.ts";
import { type NdArray, ndarray, parseNpz } from "../../../src/engine/array/index.ts";
import { AdvectError } from "../../../src/engine/error.ts";
import { key, normal } from "../../../src/engine/random/index.ts";
import { platformFiles } from "../../../src/train/files.ts";
import { readLog } from "../../../src/train/index.ts";
import { bytesOf, npzFile, temporaryFolder, tiny, train } from "./runs.ts";

const refused = async (action: Promise<unknown>): Promise<AdvectError> => {
  const error = await action.then(
    () => undefined,
    (cause) => cause,
  );
  expect(error).toBeInstanceOf(AdvectError);
  return error;
};

describe("a run", () => {
  test("leaves its recipe, a log, checkpoints, samples, figures and a report", async () => {
    const { folder, step, reason, loss, checkpoint } = await train(tiny());
    expect({ step, reason }).toEqual({ step: 9, reason: "steps" });
    const report = await reportRun(folder, { threads: 1 });
    expect(report).toMatchObject({ step: 9, loss, method: "flowMatching", sampling: { count: 48, nfe: 50 } });
    const { energy, wasserstein2 } = report.distances!;
    for (const { samples, floor } of [energy, wasserstein2]) {
      expect(samples.value).toBeGreaterThan(floor.value + floor.stdError);
    }
    expect(await recipeOfRun(folder)).toEqual(tiny());
    expect((await readLog(`${folder}/log.jsonl`)).map((entry) => entry.step)).toEqual([3, 6, 9]);
    expect(checkpoint).toBe(`${folder}/checkpoints/step-00000009`);
    expect(readdirSync(`${folder}/figures`)).toEqual([...report.figures].sort());
    expect(report.figures).toContain("trajectories-dark.svg");
    expect(JSON.parse(readFileSync(`${folder}/report.json`, "utf8"))).toEqual(
      JSON.parse(JSON.stringify(report)),
    );
  });

  const interrupted = {
    "plain flow matching": tiny(),
    "with transport, micro-batches, dropout and validation": tiny(
      "data: { kind: twoMoons, count: 300 }\ncoupling: exactOT\nmodel: { kind: mlp, hidden: 8, dropout: 0.1 }\ntraining: { microBatches: 2, validation: { every: 4 } }\n",
    ),
    "rectified flow, in its second round": tiny("method: { kind: reflow, pairs: 64, steps: 4 }\n"),
    "with spectral normalisation": tiny("spectralNorm: true\n"),
  };
  test.each(Object.entries(interrupted))(
    "%s: stopped and gone on with, it ends with the bits of one that never stopped",
    async (name, recipe) => {
      const whole = await train(recipe);
      const stopAt = name.includes("second round") ? 13 : 4;
      const part = await train(recipe, { stopAt });
      expect(part).toMatchObject({ reason: "aborted", step: stopAt });
      const rest = await train(recipe, { folder: part.folder, resume: true });
      expect(rest.step).toBe(whole.steps);
      expect(bytesOf(rest.checkpoint)).toEqual(bytesOf(whole.checkpoint));
    },
  );

  test("rectified flow stopped while it makes its pairs makes them again, and ends with the same bits", async () => {
    const recipe = tiny("method: { kind: reflow, pairs: 64, steps: 4 }\n");
    const whole = await train(recipe);
    const part = await train(recipe, { stopAt: "pairs for round 2: 50 % of 64" });
    expect(part).toMatchObject({ reason: "aborted", step: 9, steps: 18 });
    expect(part.checkpoint).toMatch(/step-00000009$/);
    expect(readdirSync(part.folder)).not.toContain("pairs-1.npz");
    const rest = await train(recipe, { folder: part.folder, resume: true });
    expect(rest.reason).toBe("steps");
    expect(bytesOf(rest.checkpoint)).toEqual(bytesOf(whole.checkpoint));
    const pairs = [part, whole].map(({ folder }) => readFileSync(`${folder}/pairs-1.npz`));
    expect(pairs[0]).toEqual(pairs[1]);
  });

  test("makes pairs part by part, each row by what it is told", async () => {
    const [count, width] = [40, 4096];
    const labels = ndarray(
      Int32Array.from({ length: count }, (_, i) => i % 3),
      [count],
      "int32",
    );
    const path = npzFile({ data: normal(key("wide"), [count, width]), labels });
    const recipe = tiny(
      `data: { kind: file, path: ${path}, array: data, condition: labels }\nmethod: { kind: reflow, pairs: 40, steps: 2 }\n`,
      ["training.steps=3", "sampling.count=4"],
    );
    const { folder } = await train(recipe);
    const {
      x0,
      x1,
      labels: told,
    } = parseNpz(readFileSync(`${folder}/pairs-1.npz`), "pairs") as Record<string, NdArray>;
    const { plan, params } = await loadRun(`${folder}/checkpoints/step-00000003`);
    const whole = await sampleWith(plan, {
      params,
      x0: x0!,
      told: { labels: told as NdArray<"int32"> },
      key: key(0),
      solver: { kind: "midpoint" },
      steps: 2,
      threads: 1,
    });
    expect(x1!.data).toEqual(whole.x.data);
    expect(x1!.data).not.toEqual(x0!.data);
  });

  test("says how far its pairs are", async () => {
    const lines: string[] = [];
    const progress = { to: { write: (text: string) => lines.push(text) }, everyMs: 0 };
    await train(tiny("method: { kind: reflow, pairs: 64, steps: 2 }\n"), { progress });
    const said = lines.filter((line) => line.startsWith("pairs")).map((line) => line.split("  ")[0]!.trim());
    expect(said).toEqual([0, 25, 50, 75].map((percent) => `pairs for round 2: ${percent} % of 64`));
  });

  test("does not go on with fewer steps than it has taken, nor with others once its pairs are made", async () => {
    const { folder } = await train(tiny());
    const before = readFileSync(`${folder}/recipe.yaml`, "utf8");
    const fewer = await refused(train(tiny("", ["training.steps=5"]), { folder, resume: true }));
    expect([fewer.kind, fewer.message]).toEqual([
      "option",
      `${folder}: expected training.steps of at least 9, as the run has taken 9 steps, got 5. To train on: --set training.steps=18; to use it as it is: advect sample ${folder}.`,
    ]);
    expect(readFileSync(`${folder}/recipe.yaml`, "utf8")).toBe(before);
    const warnings: string[] = [];
    await train(tiny(), { folder, resume: true, warn: (text) => warnings.push(text) });
    expect(warnings).toEqual([
      "Nothing is left to train: the run has taken its 9 steps. For more: --set training.steps=….",
    ]);
    const method = "method: { kind: reflow, pairs: 64, steps: 2 }\n";
    const second = await train(tiny(method), { stopAt: 12 });
    const other = await refused(
      train(tiny(method, ["training.steps=20"]), { folder: second.folder, resume: true }),
    );
    expect(other.message).toContain("training.steps of 9, as the pairs of its second round are made, got 20");
  });

  test("does not touch a folder with something in it, and goes on only with what it trained", async () => {
    const { folder } = await train(tiny());
    const before = bytesOf(`${folder}/checkpoints/step-00000009`);
    const again = await refused(train(tiny(), { folder }));
    expect(again.message).toContain("got one with a run. Go on with it by --resume");
    const other = await refused(train(tiny("", ["model.hidden=9"]), { folder, resume: true }));
    expect(other.message).toContain("one with another model.hidden");
    const longer = await train(tiny("", ["training.steps=12"]), { folder, resume: true });
    expect(longer.step).toBe(12);
    expect(bytesOf(`${folder}/checkpoints/step-00000009`)).toEqual(before);
    expect((await refused(train(tiny(), { folder: temporaryFolder().replace(/[^/]+$/, "") }))).kind).toBe(
      "option",
    );
  });

  test("takes as many steps as fit into seconds, and keeps that number", async () => {
    let now = 0;
    const clock = { nowMs: () => (now += 25) };
    const { folder, steps } = await train(tiny("training: { seconds: 2 }\n", ["training.seconds=2"]), {
      clock,
    });
    expect(steps).toBeGreaterThan(10);
    expect(steps).toBeLessThan(90);
    const { training } = await recipeOfRun(folder);
    expect(training).toMatchObject({ steps });
    expect(training).not.toHaveProperty("seconds");
  });

  test("is intact when the disk is full, says so, and goes on when there is room", async () => {
    let full = false;
    const room = async (path: string, contents: Readonly<Record<string, Uint8Array>>) => {
      if (full) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      await platformFiles.writeFolderAtomic(path, contents);
      if (path.includes("step-")) full = true;
    };
    const files = { ...platformFiles, writeFolderAtomic: room };
    const recipe = tiny("training: { checkpoint: { every: 4 } }\n");
    const folder = `${temporaryFolder()}/run`;
    const error = await refused(train(recipe, { folder, files }));
    expect(error.kind).toBe("io");
    expect(error.message).toMatch(/no space left.*Training is intact at step 8: make room/);
    expect(readdirSync(`${folder}/checkpoints`)).toEqual(["step-00000004"]);
    const rest = await train(recipe, { folder, resume: true });
    expect(bytesOf(rest.checkpoint)).toEqual(bytesOf((await train(recipe)).checkpoint));
  });
});

describe("every method trains and samples by one word", () => {
  const words = {
    flowMatching: 50,
    "{ kind: flowMatching, prediction: target, weight: velocity, spread: 0.1 }": 50,
    "{ kind: flowMatching, prediction: noise, time: { kind: uniform, stratified: true }, timesPerSample: 2 }": 50,
    diffusionMatching: 50,
    "{ kind: diffusionMatching, prediction: v, weight: { kind: density } }": 50,
    "{ kind: bridgeMatching, sigma: 0.5 }": 50,
    meanFlow: 1,
    consistency: 50,
    shortcut: 1,
  };
  test.each(Object.entries(words))("%s", async (method, nfe) => {
    const { folder } = await train(tiny(`method: ${method}\n`));
    const found = await sampleRun(await loadRun(folder), { threads: 1 });
    expect(found.nfe).toBe(nfe);
    expect(found.samples.shape).toEqual([48, 2]);
    expect(found.samples.data.every(Number.isFinite)).toBe(true);
  });

  test.each([
    "euler",
    "dopri5",
    "{ kind: ddim, eta: 0.5, clip: 5 }",
    "ddpm",
    "eulerMaruyama",
    "stochasticHeun",
  ])("and a flow samples by %s, the same for the same seed", async (solver) => {
    const { folder } = await train(tiny());
    const run = await loadRun(folder, { set: [`sampling.solver=${solver}`, "sampling.steps=8"] });
    const [a, b] = [await sampleRun(run, { threads: 1 }), await sampleRun(run, { threads: 1 })];
    expect(a.samples).toEqual(b.samples);
    expect((await sampleRun(run, { threads: 1, seed: 7 })).samples).not.toEqual(a.samples);
    expect(a.samples.data.every(Number.isFinite)).toBe(true);
  });

  test("from data to data as well", async () => {
    const { folder } = await train(tiny("source: ring\ncoupling: exactOT\n"));
    await reportRun(folder, { threads: 1 });
    expect(existsSync(`${folder}/figures/samples.svg`)).toBe(true);
  });
});

describe("data of a file", () => {
  const rows = ndarray(
    Float32Array.from(normal(key("rows"), [200, 3]).data, (x) => 100 + 5 * x),
    [200, 3],
  );

  test("come back in their own units", async () => {
    const { folder } = await train(tiny(`data: { kind: file, path: ${npzFile({ data: rows })} }\n`));
    const { samples } = await sampleRun(await loadRun(folder), { threads: 1 });
    expect(samples.shape).toEqual([48, 3]);
    const mean = samples.data.reduce((a, b) => a + b, 0) / samples.data.length;
    expect(Math.abs(mean - 100)).toBeLessThan(5);
  });

  test("may have labels or vectors, which models are told, and guided by", async () => {
    const labels = ndarray(
      Int32Array.from({ length: 200 }, (_, i) => i % 3),
      [200],
      "int32",
    );
    const vectors = normal(key("told"), [200, 2]);
    const path = npzFile({ data: rows, labels, vectors });
    const told = (name: string) =>
      tiny(`data: { kind: file, path: ${path}, array: data, condition: ${name} }\n`);
    const byLabel = await loadRun((await train(told("labels"))).folder, { set: ["sampling.guidance=2"] });
    const found = await sampleRun(byLabel, { threads: 1, labels: [2] });
    expect([...new Set(found.labels!.data)]).toEqual([2]);
    expect(found.nfe).toBe(100);
    const byVector = await loadRun((await train(told("vectors"))).folder);
    expect((await sampleRun(byVector, { threads: 1, vectors })).vector!.shape).toEqual([48, 2]);
    const wrong = await refused(sampleRun(byVector, { vectors: normal(key("x"), [4, 3]) }));
    expect(wrong.message).toContain("expected condition vectors of shape [count, 2], got [4, 3]");
    expect((await refused(sampleRun(byLabel, { labels: [4] }))).message).toContain("labels from 0 to 2");
  });

  const bad = (change: (data: Float32Array) => void) => {
    const data = rows.data.slice();
    change(data);
    return npzFile({ data: ndarray(data, [200, 3]) });
  };
  test.each([
    [
      "NaN",
      () => ({ path: bad((data) => (data[301] = Number.NaN)) }),
      "numerical",
      "got NaN in row 100, column 1",
    ],
    [
      "nothing",
      () => ({ path: npzFile({ data: ndarray(new Float32Array(0), [0, 3]) }) }),
      "shape",
      "at least one, got [0,3]",
    ],
    [
      "one axis",
      () => ({ path: npzFile({ data: ndarray(new Float32Array(4), [4]) }) }),
      "shape",
      "samples of shape [count, ...]",
    ],
    [
      "no such array",
      () => ({ path: npzFile({ a: rows, b: rows }), array: "c" }),
      "option",
      "an array called c, got a, b",
    ],
    [
      "a condition for other rows",
      () => ({
        path: npzFile({ data: rows, told: normal(key("t"), [9, 2]) }),
        array: "data",
        condition: "told",
      }),
      "shape",
      "a row for each of 200",
    ],
    ["no file", () => ({ path: "/nowhere/data.npz" }), "io", "/nowhere/data.npz"],
  ])("%s is refused before anything is written", async (_, data, kind, message) => {
    const folder = `${temporaryFolder()}/run`;
    const recipe = tiny(`data: ${JSON.stringify({ kind: "file", ...data() })}\n`);
    const error = await refused(train(recipe, { folder }));
    expect(error.kind).toBe(kind);
    expect(error.message).toContain(message);
    expect(existsSync(folder)).toBe(false);
  });

  test("fewer rows than a batch are refused", async () => {
    const recipe = tiny(`data: { kind: file, path: ${npzFile({ data: rows })} }\n`, ["training.batch=500"]);
    expect((await refused(train(recipe))).message).toBe(
      "training.batch: expected at most 200, the rows of the data that are for training, got 500. Set training.batch to 200 or less.",
    );
  });
});
