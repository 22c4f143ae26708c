import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { key, loadOnnx, ndarray, normal } from "../../../src/engine/index.ts";
import {
  exportPolicy,
  loadPolicy,
  type Method,
  neuralPolicy,
  type PolicyDesign,
  parsePolicyDesign,
  savePolicy,
} from "../../../src/robot/index.ts";
import { fit } from "../../../src/train/index.ts";
import { observation, tinyDesign, tinySpec, tinyTraining } from "./tiny.ts";

const folder = mkdtempSync(join(tmpdir(), "advect-policy-"));
afterAll(() => rmSync(folder, { recursive: true }));

const relative = { relativeTo: { feature: "observation.state", elements: [1, 0] } };
const designs: readonly (readonly [string, PolicyDesign])[] = [
  ["flow", tinyDesign({ kind: "flow" }, relative)],
  ["a U-Net", tinyDesign({ kind: "flow" }, { backbone: { kind: "unet1d", widths: [16, 32] } })],
  ["diffusion", tinyDesign({ kind: "diffusion", levels: 20, sampler: "ddim", steps: 5 })],
  ["regression", tinyDesign({ kind: "regression" })],
  ["an autoencoder", tinyDesign({ kind: "vae", latent: 3 })],
  ["a flow from rest", tinyDesign({ kind: "flow" }, { start: "rest" })],
];

async function model(design: PolicyDesign) {
  using training = await tinyTraining({ design });
  for (let step = 0; step < 3; step++) {
    await training.trainer.step(...(await training.batches.at(step, key("run"))));
  }
  return training.model();
}

describe.each(designs)("%s", (name, design) => {
  test("acts the same after it was saved and loaded", async () => {
    const trained = await model(design);
    await savePolicy(join(folder, name), trained, { metrics: { score: 1 } });
    using before = await neuralPolicy(trained);
    using after = await loadPolicy(join(folder, name));
    const request = { observation, key: key("chunk") };
    expect((await after.predict(request)).actions).toEqual((await before.predict(request)).actions);
    expect(after.spec).toEqual(tinySpec);
  });

  test("acts the same as an ONNX file by itself", async () => {
    const trained = await model(design);
    using policy = await neuralPolicy(trained);
    using file = await loadOnnx(exportPolicy(trained));
    const noise = file.inputs.find((input) => input.name === "noise");
    const batch = <T extends { shape: readonly number[] }>(array: T) => ({
      ...array,
      shape: [1, ...array.shape],
    });
    const { actions } = await file({
      "observation.state": batch(observation["observation.state"]),
      "observation.target": batch(observation["observation.target"]),
      ...(noise && { noise: batch(normal(key("chunk").fold("x0"), noiseShape(design))) }),
    });
    const expected = (await policy.predict({ observation, key: key("chunk") })).actions;
    expect(actions!.shape).toEqual([1, ...expected.shape]);
    const off = expected.data.map((value, i) => Math.abs(value - (actions!.data[i] as number)));
    expect(Math.max(...off)).toBeLessThan(1e-4);
  });
});

const noiseShape = ({ method, spec }: PolicyDesign) =>
  method.kind === "vae" ? [method.latent!] : [spec.horizon, spec.action.length];

test("ddpm is exported with the noise of its levels as inputs", async () => {
  const trained = await model(tinyDesign({ kind: "diffusion", levels: 6 }));
  using policy = await neuralPolicy(trained);
  using file = await loadOnnx(exportPolicy(trained));
  const own = key("chunk");
  const names = file.inputs.map((input) => input.name);
  const drawn = (name: string) => ndarray(normal(own.fold(name), [4, 2]).data, [1, 4, 2]);
  const levels = names.filter((name) => name.startsWith("draw:")).map((name) => name.slice("draw:".length));
  const { actions } = await file({
    "observation.state": ndarray(observation["observation.state"].data, [1, 2, 2]),
    "observation.target": ndarray(observation["observation.target"].data, [1, 2, 1]),
    noise: drawn("x0"),
    ...Object.fromEntries(levels.map((name) => [`draw:${name}`, drawn(name)])),
  });
  expect(levels.length).toBe(5);
  const expected = (await policy.predict({ observation, key: own })).actions;
  expected.data.forEach((value, i) => expect(actions!.data[i]).toBeCloseTo(value, 3));
});

describe("the checkpoints of a training", () => {
  const run = async (name: string, steps: number, continued = false) => {
    using training = await tinyTraining({
      design: tinyDesign({ kind: "diffusion", levels: 10, sampler: "ddim" }),
    });
    return await fit({
      trainer: training.trainer,
      batches: training.batches,
      key: key("run"),
      steps,
      checkpoint: {
        folder: join(folder, name, "checkpoints"),
        every: 3,
        config: training.config,
        stats: training.stats,
        ...(continued && { keep: 1 }),
      },
    });
  };
  const weights = (name: string, step: string) =>
    readFileSync(join(folder, name, "checkpoints", step, "ema.safetensors"));

  test("are policies: the run, its folder of checkpoints, and one of them", async () => {
    await run("run", 4);
    const request = { observation, key: key("chunk") };
    const chunks = [];
    for (const path of ["run", "run/checkpoints", "run/checkpoints/step-00000004"]) {
      using policy = await loadPolicy(join(folder, path));
      chunks.push((await policy.predict(request)).actions.data);
      expect(policy.design.method).toMatchObject({ kind: "diffusion", clip: expect.any(Number) });
    }
    expect(chunks[1]).toEqual(chunks[0]);
    expect(chunks[2]).toEqual(chunks[0]);
  });

  test("of a run that was stopped and went on are those of one that was not, bit for bit", async () => {
    await run("whole", 6);
    await run("parts", 2);
    await run("parts", 6, true);
    expect(weights("parts", "step-00000006")).toEqual(weights("whole", "step-00000006"));
  });
});

describe("a policy is refused", () => {
  const saved = async (name: string) => {
    const path = join(folder, name);
    await savePolicy(path, await model(tinyDesign({ kind: "regression" })));
    return path;
  };

  test("where there is none, and from the config of something else", async () => {
    await expect(loadPolicy(join(folder, "nowhere"))).rejects.toThrow("the folder of a policy");
    expect(() => parsePolicyDesign({ spec: tinySpec })).toThrow("PolicyDesign: backbone");
  });

  test("with damaged files", async () => {
    const path = await saved("damaged");
    const file = join(path, "model.safetensors");
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    await expect(loadPolicy(path)).rejects.toThrow("CRC-32");
  });

  test.each<readonly [string, object, string]>([
    ["no action", { spec: { ...tinySpec, action: [] } }, "action"],
    ["more to execute than it has", { spec: { ...tinySpec, executeSteps: 5 } }, "executeSteps <= horizon"],
    ["an unknown method", { method: { kind: "magic" } }, "method"],
    ["a word that its method does not have", { method: { kind: "flow", levels: 3 } }, "levels"],
    [
      "actions relative to nothing",
      { relativeTo: { feature: "observation.state", elements: [0, 2] } },
      "2 elements",
    ],
  ])("with %s", (_name, changed, message) => {
    const method: Method = { kind: "flow" };
    expect(() => parsePolicyDesign({ ...tinyDesign(method), ...changed })).toThrow(message);
  });
});
