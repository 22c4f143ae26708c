import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadOnnx } from "../../src/engine/runtime/index.ts";
import { advect, type Outcome, recipes, small, temporaryFolder } from "./harness.ts";

const shared = mkdtempSync(join(tmpdir(), "advect-cli-"));
afterAll(() => rmSync(shared, { recursive: true, force: true }));

/** A small run, trained once for all tests. */
const run = join(shared, "run");
let outcome: Outcome;
beforeAll(async () => {
  outcome = await advect(["train", "two-moons", "--out", run, ...small]);
});

const parsed = (text: string) => JSON.parse(text) as Record<string, unknown>;

describe("wrong usage ends with 2, one clear error, and nothing on stdout", () => {
  test.each([
    [["trian", "two-moons"], "unknown command 'trian'\n(Did you mean train?)"],
    [["train", "two-moons", "--budgte", "3s"], "unknown option '--budgte'\n(Did you mean --budget?)"],
    [["train"], "missing required argument 'recipe'"],
    [["train", "tow-moons"], "got tow-moons. Did you mean two-moons?"],
    [["train", "nonsense"], "Recipes: bridge, checkerboard"],
    [
      ["train", "nowhere.yaml"],
      "expected a recipe's name, a YAML file, or the folder of a run, got nowhere.yaml",
    ],
    [
      ["train", "two-moons", "--set", "training.stepps=3"],
      "--set training.stepps: training.stepps: expected a key that there is, got stepps. Did you mean steps?",
    ],
    [["train", "two-moons", "--set", "training"], "--set: expected key=value, got training."],
    [["train", "two-moons", "--budget", "1x"], "Expected a time such as 60s, 5m or 1h."],
    [["train", "two-moons", "--threads", "0"], "Expected a whole number >= 1."],
    [["train", "two-moons", "--device", "gpu"], "Allowed choices are cpu, webgpu, cuda, coreml, dml, wasm."],
    [["train", "two-moons", "--resume", "--budget", "3s"], "expected either --resume or --budget, got both"],
    [["export", "runs/x"], "required option '--out <file>' not specified"],
    [["export", "runs/x", "--out", "model.pt"], "a file called ….onnx or ….safetensors, got model.pt"],
    [["export", "runs/x", "--out", "m.onnx", "--what", "flow"], "Allowed choices are sampler, field"],
    [["sample", "runs/x", "--count", "many"], "Expected a whole number >= 1."],
    [["sample", "runs/x", "--label", "3,x"], "Expected a whole number >= 0."],
    [["sample", "runs/x", "--set", "model.hidden=3"], "sampling.… or seed, for a model that is trained"],
    [["sample", "runs/x", "--out", "samples.csv"], "--out: expected a file called ….npz, got samples.csv"],
    [["dataset", "info", "--jsn"], "(see advect dataset info --help)"],
    [["recipes", "extra"], "too many arguments"],
  ])("advect %j", async (args, message) => {
    const { code, stdout, stderr } = await advect(args);
    expect(stderr).toContain(message);
    expect(stderr.match(/^error: /gm)).toHaveLength(1);
    expect([code, stdout]).toEqual([2, ""]);
  });
});

describe("what failed ends with 1", () => {
  test("a run that is not there, a file that is none of ours", async () => {
    const missing = await advect(["sample", "/nowhere/run"]);
    expect(missing).toMatchObject({ code: 1, stdout: "" });
    expect(missing.stderr).toBe(
      "error: /nowhere/run: expected a run with a checkpoint, or a checkpoint, got nothing there. Train one: advect train two-moons.\n",
    );
    const file = join(temporaryFolder(), "x.npz");
    writeFileSync(file, "PK no zip");
    expect(await advect(["inspect", file])).toMatchObject({ code: 1 });
  });

  test("what inspect cannot look into is told apart", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "notes.md"), "text");
    const said = async (path: string) => (await advect(["inspect", path])).stderr;
    expect(await said(`${folder}/notes.md`)).toContain(
      "expected a run, a checkpoint, or a file called .npy, .npz, .csv, .safetensors, .onnx, got notes.md",
    );
    expect(await said(`${folder}/nowhere.npy`)).toContain(
      "expected a run, a checkpoint, or a file, got nothing there",
    );
    expect(await said(temporaryFolder())).toContain("got an empty folder");
    expect(await said(`${run}/checkpoints`)).toContain(`Name one of them: ${run}/checkpoints/step-00000012.`);
  });

  test("output that cannot be written is no fault of advect", async () => {
    for (const args of [
      ["plot", run, "loss", "--out", `${run}/log.jsonl/x`],
      ["sample", run, "--count", "4", "--out", `${run}/log.jsonl/x.npz`],
    ]) {
      const { code, stderr } = await advect(args);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: .*log\.jsonl.*: expected a folder that can be written into, got E/);
      expect(stderr).not.toContain("fault");
    }
  });

  test("vectors for a model that is told none are refused", async () => {
    const file = join(temporaryFolder(), "told.csv");
    writeFileSync(file, "1,2\n3,4\n");
    const { code, stderr } = await advect(["sample", run, "--condition", file]);
    expect([code, stderr]).toEqual([
      2,
      "error: sampling condition: expected none, as the model is told no vectors, got [2, 2].\n",
    ]);
  });

  test("with --json the error is the document", async () => {
    const { code, stdout } = await advect(["train", "tow-moons", "--json"]);
    expect(code).toBe(2);
    expect(parsed(stdout)).toEqual({
      error: { kind: "option", where: "recipe", message: expect.stringContaining("Did you mean two-moons?") },
    });
    const usage = await advect(["train", "--json"]);
    expect(parsed(usage.stdout)).toEqual({
      error: { kind: "usage", message: expect.stringContaining("missing required argument") },
    });
  });
});

describe("help", () => {
  test("names every command, and each has an example", async () => {
    const { code, stdout } = await advect(["--help"]);
    expect(code).toBe(0);
    const names = [...stdout.matchAll(/^ {2}([a-z]+) .*$/gm)].map(([, name]) => name!);
    expect(names).toEqual(
      expect.arrayContaining(["train", "sample", "plot", "export", "inspect", "doctor", "recipes"]),
    );
    for (const name of names.filter((command) => command !== "help")) {
      const help = await advect([name, "--help"]);
      expect(help.code).toBe(0);
      if (!["doctor", "dataset"].includes(name))
        expect(help.stdout).toContain(`advect ${name === "recipes" ? "train" : name} `);
    }
    expect(await advect(["--version"])).toMatchObject({ code: 0, stdout: "1.2.3\n" });
  });

  test("is what a lone advect prints", async () => {
    const { code, stdout, stderr } = await advect([]);
    expect(`${stdout}${stderr}`).toContain("Usage: advect");
    expect(code).toBe(2);
  });
});

describe("a run from the command line", () => {
  test("train says where things are, on stdout, and how it goes, on stderr", async () => {
    const { code, stdout, stderr } = outcome;
    expect(code).toBe(0);
    expect(stderr).toContain(`two-moons: flowMatching with mlp, into ${run}\n`);
    expect(stderr).toMatch(/^step 12\/12 {2}loss \S+ {2}\S+ samples\/s {2}0s left$/m);
    expect(stdout).toContain(`${run}/figures      loss, samples, density, trajectories, field`);
    expect(stdout).not.toContain("step 1");
  });

  test("train --json prints one document with the report", async () => {
    const out = join(temporaryFolder(), "run");
    const { code, stdout } = await advect(["train", "two-moons", "--out", out, ...small, "--json"]);
    expect(code).toBe(0);
    expect(parsed(stdout)).toMatchObject({
      name: "two-moons",
      folder: out,
      reason: "steps",
      step: 12,
      report: { step: 12 },
    });
  });

  test("Ctrl-C ends with 130, a checkpoint and the command that goes on", async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const stderr = {
      write: (text: string) => {
        seen.push(text);
        if (text.startsWith("step 1/")) stop.abort();
      },
    };
    const interruption = () => ({ signal: stop.signal, [Symbol.dispose]: () => {} });
    const out = join(temporaryFolder(), "run");
    const { code, stdout } = await advect(["train", "two-moons", "--out", out, ...small], {
      stderr,
      interruption,
    });
    expect(code).toBe(130);
    expect(stdout).toBe(
      `Stopped at step 1 of 12, saved in ${out}/checkpoints/step-00000001.\nTo go on: advect train ${out} --resume\n`,
    );
    const rest = await advect(["train", out, "--resume", "--json"]);
    expect(parsed(rest.stdout)).toMatchObject({ step: 12, reason: "steps" });
  });

  test("sample writes an npz and a picture, as its flags say", async () => {
    const out = join(run, "more/drawn.npz");
    const args = [
      "sample",
      run,
      "--count",
      "20",
      "--steps",
      "4",
      "--solver",
      "euler",
      "--seed",
      "5",
      "--out",
      out,
    ];
    const { code, stdout } = await advect([...args, "--json"]);
    expect(code).toBe(0);
    expect(parsed(stdout)).toMatchObject({
      out,
      count: 20,
      shape: [20, 2],
      solver: "euler",
      nfe: 4,
      seed: 5,
    });
    const bytes = readFileSync(out);
    await advect([...args, "--no-figure"]);
    expect(readFileSync(out)).toEqual(bytes);
    expect(existsSync(join(run, "more/drawn.svg"))).toBe(true);
    const { stderr } = await advect(["sample", run, "--solver", "eulr"]);
    expect(stderr).toContain("Did you mean euler?");
    const refused = await advect(["sample", run, "--guidance", "2"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("data with labels or a condition");
  });

  test("plot draws one figure, or all, and suggests names", async () => {
    const out = join(run, "pictures");
    const { stdout } = await advect(["plot", run, "loss", "field", "--out", out, "--json"]);
    const { figures } = parsed(stdout) as { figures: string[] };
    expect(figures).toContain(`${out}/field-dark.svg`);
    expect(figures.every((file) => existsSync(file))).toBe(true);
    expect((await advect(["plot", run, "los"])).stderr).toContain("Did you mean loss?");
  });

  test("export writes a file that ONNX Runtime runs, inspect looks into it", async () => {
    const out = join(run, "model.onnx");
    const { stdout } = await advect(["export", run, "--out", out, "--batch", "7"]);
    expect(stdout).toMatch(/bytes: x0 \[7, 2\] -> x \[7, 2\]\n$/);
    using file = await loadOnnx(out);
    expect(file.inputs[0]).toMatchObject({ name: "x0", shape: [7, 2] });
    expect((await advect(["inspect", out])).stdout).toContain("inputs\n  x0  float32  [7, 2]");
    expect(parsed((await advect(["inspect", run, "--json"])).stdout)).toMatchObject({
      kind: "run",
      facts: { step: 12 },
    });
    expect((await advect(["inspect", `${run}/samples.npz`])).stdout).toContain("samples  float32  [64, 2]");
  });
});

test("recipes lists what comes with advect, with a line about each", async () => {
  const { stdout } = await advect(["recipes", "--json"]);
  const { recipes: found } = parsed(stdout) as { recipes: { name: string; description: string }[] };
  expect(found.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["two-moons", "checkerboard", "optdigits"]),
  );
  expect(found.filter(({ description }) => description === "")).toEqual([]);
  expect((await advect(["recipes"])).stdout.split("\n").length).toBe(found.length + 1);
  expect(existsSync(recipes)).toBe(true);
});

test("recipes --schema says every word to editors, short forms too", async () => {
  const { stdout } = await advect(["recipes", "--schema"]);
  const { anyOf } = parsed(stdout) as { anyOf: { properties?: Record<string, { anyOf?: object[] }> }[] };
  const points = anyOf.find(({ properties }) => properties && "normalize" in properties)!.properties!;
  expect(points.model!.anyOf![0]).toEqual({ enum: ["mlp", "residualMlp"] });
  expect(JSON.stringify(points.training)).toContain(
    '{"enum":["constant","cosine","linear","oneCycle"]},{"type":"number"}',
  );
});

test("doctor runs a graph on every device that is offered", async () => {
  const { code, stdout } = await advect(["doctor", "--json"]);
  const { devices, works, packages, advect: version } = parsed(stdout) as Record<string, never>;
  expect({ code, works, version }).toEqual({ code: 0, works: true, version: "1.2.3" });
  expect(devices).toEqual(
    expect.arrayContaining([expect.objectContaining({ name: "cpu", works: true, problem: null })]),
  );
  expect(packages).toMatchObject({ "onnxruntime-node": "1.30.0" });
});
