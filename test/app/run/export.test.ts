import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { exportParameters, exportRun, inspectPath, loadRun, sampleRun } from "../../../src/app/index.ts";
import { type NdArray, ndarray, parseSafetensors } from "../../../src/engine/array/index.ts";
import { key, normal } from "../../../src/engine/random/index.ts";
import { loadOnnx } from "../../../src/engine/runtime/index.ts";
import { npzFile, temporaryFolder, tiny, train } from "./runs.ts";

/** Points whose second column is far from 0 and wide. */
function far(): string {
  const drawn = normal(key("far"), [100, 2]).data;
  return npzFile({
    data: ndarray(
      Float32Array.from(drawn, (x, i) => (i % 2 ? 50 + 9 * x : x)),
      [100, 2],
    ),
  });
}

function largestDifference(a: NdArray, b: NdArray): number {
  return Math.max(...Array.from(a.data, (value, i) => Math.abs(value - b.data[i]!)));
}

describe("an exported sampler", () => {
  test.each([
    ["midpoint", "flowMatching"],
    ["rk4", "{ kind: flowMatching, prediction: target }"],
    ["ddim", "diffusionMatching"],
    ["jump", "meanFlow"],
  ])("by %s of %s draws what the run draws, in the units of the data", async (solver, method) => {
    const recipe = tiny(`data: { kind: file, path: ${far()} }\nmethod: ${method}\n`, [
      `sampling.solver=${solver}`,
      "sampling.steps=6",
    ]);
    const run = await loadRun((await train(recipe)).folder);
    const found = await sampleRun(run, { threads: 1, count: 16 });
    using file = await loadOnnx(exportRun(run, { batch: 16 }));
    const x0 = run.units.apply(found.x0);
    const { x } = await file({ x0 });
    expect(x!.shape).toEqual([16, 2]);
    expect(largestDifference(x as NdArray, found.samples)).toBeLessThan(2e-3);
    expect(Math.abs(found.samples.data[1]!)).toBeGreaterThan(5);
  });

  test("as one loop gives the same", async () => {
    const run = await loadRun((await train(tiny("", ["sampling.steps=5"]))).folder);
    const x0 = normal(key("x0"), [4, 2]);
    const outputs = [];
    for (const standard of [false, true]) {
      using file = await loadOnnx(exportRun(run, { batch: 4, standard }));
      outputs.push((await file({ x0 })).x as NdArray);
    }
    expect(largestDifference(outputs[0]!, outputs[1]!)).toBeLessThan(1e-5);
  });

  test("refuses solvers that are no graph", async () => {
    const run = await loadRun((await train(tiny())).folder, { set: ["sampling.solver=dopri5"] });
    expect(() => exportRun(run)).toThrow("--set sampling.solver=midpoint");
  });

  test("as a field is dx/dt in the units of the data: small Euler steps follow it to the samples", async () => {
    const recipe = tiny(`data: { kind: file, path: ${far()} }\n`, [
      "sampling.solver=euler",
      "sampling.steps=4",
    ]);
    const run = await loadRun((await train(recipe)).folder);
    const found = await sampleRun(run, { threads: 1, count: 8 });
    using field = await loadOnnx(exportRun(run, { what: "field", batch: 8 }));
    let x: NdArray = found.x0;
    for (let i = 0; i < 4; i++) {
      const { velocity } = await field({ x, t: ndarray(new Float32Array(8).fill(i / 4), [8]) });
      x = ndarray(
        Float32Array.from(x.data, (value, j) => value + (velocity as NdArray).data[j]! / 4),
        [8, 2],
      );
    }
    expect(largestDifference(x, found.samples)).toBeLessThan(1e-3);
  });
});

test("parameters go to safetensors with the recipe beside them", async () => {
  const run = await loadRun((await train(tiny())).folder);
  const { tensors, metadata } = parseSafetensors(exportParameters(run));
  expect(Object.keys(tensors)).toContain("net.0.weight");
  expect(metadata.recipe).toContain("kind: points");
});

test("everything that is written can be looked into", async () => {
  const { folder, checkpoint } = await train(tiny());
  const run = await loadRun(folder);
  const out = temporaryFolder();
  writeFileSync(`${out}/m.onnx`, exportRun(run, { batch: 3 }));
  writeFileSync(`${out}/rows.csv`, "a,b\n1,2\n3,nan\n");
  expect(await inspectPath(folder)).toMatchObject({
    kind: "run",
    facts: { step: 9, method: "flowMatching" },
  });
  const { parts, facts } = await inspectPath(checkpoint);
  expect(facts).toMatchObject({ parameters: 8 * 3 + 8 + 64 + 8 + 16 + 2 });
  expect(parts.parameters!.find(({ name }) => name === "net.0.weight")!.shape).toEqual([8, 3]);
  expect(await inspectPath(`${out}/m.onnx`)).toMatchObject({
    kind: "onnx",
    parts: { inputs: [{ name: "x0", shape: [3, 2] }], outputs: [{ name: "x", shape: [3, 2] }] },
  });
  const { parts: table } = await inspectPath(`${out}/rows.csv`);
  expect(table.arrays).toEqual([
    { name: "data", dtype: "float64", shape: [2, 2], range: [1, 3], notFinite: 1 },
  ]);
  await expect(inspectPath(`${out}/nothing.npy`)).rejects.toMatchObject({ kind: "io" });
});
