import { expect, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import { encodeModel, modelOf } from "../../../src/engine/onnx/encode.ts";
import { importOnnx } from "../../../src/engine/onnx/index.ts";
import type { OnnxGraph } from "../../../src/engine/onnx/model.ts";
import { compile, exportOnnx, loadOnnx, spec } from "../../../src/engine/runtime/index.ts";
import { grad, sum, type Tensor } from "../../../src/engine/tensor/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { foreignModel } from "./models.ts";

/** A model from another tool with one input x [n, 2, length]; its output has 3 channels, of which 2 are a velocity. */
const bytes = foreignModel("convolved-22");
const steps = 3;
const start = ndarray(Float32Array.from(sample([2, 2, 5], 1).data), [2, 2, 5]);

/** x + v(x) / steps, three times, in one graph. */
function euler(x0: Tensor): Tensor {
  const model = importOnnx(bytes);
  let x = x0;
  for (let step = 0; step < steps; step++) {
    const { y } = model.call({ x }) as { y: Tensor };
    x = x.add(y.slice({ axis: 1, stop: 2 }).mul(1 / steps));
  }
  return x;
}

/** The same by hand, with the file run as it is. */
async function byHand(): Promise<number[]> {
  using model = await loadOnnx(bytes);
  const x = start.data.slice();
  for (let step = 0; step < steps; step++) {
    const { y } = await model({ x: ndarray(x, start.shape) });
    const v = y!.data as Float32Array;
    for (let n = 0; n < 2; n++) for (let i = 0; i < 10; i++) x[n * 10 + i]! += v[n * 15 + i]! / steps;
  }
  return [...x];
}

test("a foreign model is integrated in one compiled graph as by hand", async () => {
  using run = await compile(euler, [spec([2, 2, 5])]);
  const expected = await byHand();
  const got = (await run(start)).data;
  expect(got.length).toBe(expected.length);
  expected.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 5));
  expect(Math.abs(got[0]! - start.data[0]!)).toBeGreaterThan(1e-3);
});

test("a foreign model is integrated in one exported file as by hand", async () => {
  const file = exportOnnx({
    fn: (_: object, x: Tensor) => euler(x),
    params: {},
    signature: [spec([2, 2, 5])],
  });
  using model = await loadOnnx(file);
  const got = (await model({ input0: start })).output!.data;
  (await byHand()).forEach((value, i) => expect(got[i]).toBeCloseTo(value, 5));
});

test("no gradient goes through a foreign model", () => {
  const fn = (x: Tensor) => grad(sum(euler(x)), x);
  return expect(compile(fn, [spec([2, 2, 5])])).rejects.toMatchObject({ kind: "unsupported" });
});

/** -x where x is negative, else x: a branch for each, which reads x from around it. */
function branches(): Uint8Array {
  const branch = (op: string): OnnxGraph => ({
    name: op,
    nodes: [{ op, inputs: ["x"], outputs: ["taken"] }],
    inputs: [],
    outputs: [{ name: "taken", dtype: "float32", shape: [] }],
    initializers: [],
  });
  const zero = { name: "zero", dtype: "float32", shape: [], data: Float32Array.of(0) } as const;
  const attributes = { then_branch: { graph: branch("Neg") }, else_branch: { graph: branch("Identity") } };
  const graph: OnnxGraph = {
    name: "branches",
    nodes: [
      { op: "Less", inputs: ["x", "zero"], outputs: ["negative"] },
      { op: "If", inputs: ["negative"], outputs: ["y"], attributes },
    ],
    inputs: [{ name: "x", dtype: "float32", shape: [] }],
    outputs: [{ name: "y", dtype: "float32", shape: [] }],
    initializers: [zero],
  };
  return encodeModel(modelOf(graph, { "": 17 }));
}

test("what the branches of a foreign model read may also be a result", async () => {
  const { call } = importOnnx(branches());
  const fn = (x: Tensor) => {
    const z = x.mul(0.5);
    return { z, y: call({ x: z }).y as Tensor };
  };
  using run = await compile(fn, [spec([])]);
  for (const [x, y] of [
    [6, 3],
    [-8, 4],
  ] as const) {
    // biome-ignore format: one line
    const results = await run(ndarray(Float32Array.of(x), []));
    expect([results.z.data[0], results.y.data[0]]).toEqual([x / 2, y]);
  }
});
