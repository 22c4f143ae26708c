import { describe, expect, test } from "vitest";
import type { NdArray } from "../../../src/engine/array/index.ts";
import { key, normal } from "../../../src/engine/random/index.ts";
import { loadOnnx, spec } from "../../../src/engine/runtime/index.ts";
import type { Tensor } from "../../../src/engine/tensor/index.ts";
import { guide, type VelocityField } from "../../../src/flow/field/index.ts";
import {
  exportSampler,
  rk4,
  type SamplerExport,
  sampler,
  uniformGrid,
} from "../../../src/flow/solver/index.ts";
import { type MlpParams, mlp } from "../../../src/nn/index.ts";

const model = mlp({ size: 2, hidden: 64, depth: 2, conditionSize: 3 });

/** Guided: two calls of the network for one of the field. */
const field = (params: MlpParams, vector: Tensor): VelocityField => {
  const under =
    (told: Tensor): VelocityField =>
    (x, t) =>
      model.apply(params, x, t, { vector: told });
  return guide({ conditional: under(vector), unconditional: under(vector.mul(0)), scale: 2 });
};
const problem = {
  field,
  params: model.init(key("export")),
  event: [2],
  condition: (batch: number) => spec([batch, 3]),
};
const request = (steps: number): SamplerExport<MlpParams, Tensor> => ({
  ...problem,
  times: uniformGrid(steps),
  batch: 5,
});

const x0 = normal(key("x0"), [5, 2]);
const condition = normal(key("condition"), [5, 3]);
const ops = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1").includes("\u0004Loop");

describe("exportSampler", () => {
  test.each(["graph", "steps"] as const)("as %s gives the samples of the sampler", async (way) => {
    const options = { ...problem, times: uniformGrid(6), solver: rk4 };
    const bytes = exportSampler<MlpParams, Tensor>({ ...options, batch: 5, way });
    expect(ops(bytes)).toBe(way === "steps");
    using file = await loadOnnx(bytes);
    expect(file.inputs.map(({ name }) => name)).toEqual(["x0", "condition"]);
    using draw = sampler<MlpParams, Tensor>(options);
    const expected = await draw(x0, condition);
    const { x } = await file({ x0, condition });
    expect(largestDifference(x as NdArray, expected)).toBeLessThan(2e-6);
  });

  test("holds the parameters once, however many steps there are", () => {
    const [short, long] = [exportSampler({ ...request(10), way: "steps" }), exportSampler(request(10_000))];
    const perStep = (long.length - short.length) / 9990;
    expect(perStep).toBeGreaterThanOrEqual(8);
    expect(perStep).toBeLessThan(8.01);
  });

  test("writes a Loop where the sampler would not unroll, and runs it", async () => {
    expect(ops(exportSampler(request(20)))).toBe(false);
    const bytes = exportSampler(request(2000));
    expect(ops(bytes)).toBe(true);
    using file = await loadOnnx(bytes);
    using draw = sampler<MlpParams, Tensor>({ ...problem, times: uniformGrid(2000) });
    expect(draw.way).toBe("steps");
    const { x } = await file({ x0, condition });
    expect(largestDifference(x as NdArray, await draw(x0, condition))).toBeLessThan(2e-5);
  });

  test("needs no condition", async () => {
    const plain = () => (x: Tensor) => x.neg();
    const bytes = exportSampler({
      ...{ field: plain, params: {}, event: [2], times: uniformGrid(4), batch: 5, way: "steps" },
    });
    using file = await loadOnnx(bytes);
    const { x } = await file({ x0 });
    x0.data.forEach((value, i) => expect(x!.data[i]).toBeCloseTo(value * (1 - 0.25 + 0.03125) ** 4, 6));
  });

  test("refuses a batch that is not a count, and times that are not a grid", () => {
    expect(() => exportSampler({ ...request(2), batch: 0 })).toThrow("exportSampler: expected batch");
    expect(() => exportSampler({ ...request(2), times: [1] })).toThrow("exportSampler: expected two");
  });
});

function largestDifference(a: NdArray, b: NdArray): number {
  return Math.max(...a.data.map((value, i) => Math.abs(value - b.data[i]!)));
}
