import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { encodeModel, modelOf } from "../../../src/engine/onnx/encode.ts";
import type { OnnxModel } from "../../../src/engine/onnx/model.ts";

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/onnx/${name}`, import.meta.url)));

/** Every kind of attribute and element type; scripts/make-onnx-fixtures.py writes the same model with Python's onnx. */
const everything: OnnxModel = {
  ...modelOf({
    name: "everything",
    nodes: [
      {
        op: "Gemm",
        inputs: ["x", "w", "b"],
        outputs: ["h"],
        attributes: { alpha: { float: 1 }, transB: { int: 1 } },
        name: "dense",
      },
      { op: "Softmax", inputs: ["h"], outputs: ["p"], attributes: { axis: { int: -1 } } },
      {
        op: "Odd",
        domain: "test.odd",
        inputs: ["p", "", "i"],
        outputs: ["y"],
        attributes: {
          ints: { ints: [-1, 0, 2 ** 40, -(2n ** 63n)] },
          floats: { floats: [0.5, -2] },
          string: { string: "nearest → ü" },
          strings: { strings: ["a", ""] },
          tensor: { tensor: { name: "", dtype: "bool", shape: [3], data: Uint8Array.of(1, 0, 1) } },
          body: {
            graph: {
              name: "inner",
              nodes: [{ op: "Identity", inputs: ["p"], outputs: ["q"] }],
              inputs: [],
              outputs: [{ name: "q" }],
              initializers: [],
            },
          },
        },
      },
    ],
    inputs: [{ name: "x", dtype: "float32", shape: ["batch", 2] }],
    outputs: [{ name: "y", dtype: "float64", shape: ["batch", ""] }],
    initializers: [
      { name: "w", dtype: "float32", shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
      { name: "b", dtype: "float64", shape: [], data: Float64Array.of(0.1) },
      { name: "i", dtype: "int64", shape: [2], data: BigInt64Array.of(-1n, 2n ** 62n) },
      { name: "j", dtype: "int32", shape: [1, 1], data: Int32Array.of(-7) },
      { name: "k", dtype: "uint8", shape: [0], data: new Uint8Array(0) },
    ],
    valueInfo: [{ name: "h", dtype: "float32", shape: ["batch", 3] }],
  }),
  opsets: { "": 21, "com.microsoft": 1, "test.odd": 3 },
  metadata: { author: "advect" },
};

describe("encodeModel", () => {
  it("writes the bytes that Python's onnx writes", () => {
    expect(Buffer.from(encodeModel(everything))).toEqual(Buffer.from(fixture("everything.onnx")));
  });

  it("writes models that ONNX Runtime runs", async () => {
    const model = modelOf({
      name: "affine",
      nodes: [{ op: "Gemm", inputs: ["x", "w"], outputs: ["y"], attributes: { transB: { int: 1 } } }],
      inputs: [{ name: "x", dtype: "float32", shape: [1, 2] }],
      outputs: [{ name: "y", dtype: "float32", shape: [1, 1] }],
      initializers: [{ name: "w", dtype: "float32", shape: [1, 2], data: Float32Array.of(10, 1) }],
    });
    const session = await InferenceSession.create(encodeModel(model));
    const { y } = await session.run({ x: new Tensor("float32", [3, 4], [1, 2]) });
    expect(Array.from(y!.data as Float32Array)).toEqual([34]);
    await session.release();
  });

  it("copies large weights once: 64 MB in well under a second", () => {
    const data = new Float32Array(16 * 1024 * 1024).fill(0.5);
    const model = modelOf({
      name: "large",
      nodes: [{ op: "Identity", inputs: ["w"], outputs: ["y"] }],
      inputs: [],
      outputs: [{ name: "y", dtype: "float32", shape: [4096, 4096] }],
      initializers: [{ name: "w", dtype: "float32", shape: [4096, 4096], data }],
    });
    const before = process.hrtime.bigint();
    const bytes = encodeModel(model);
    const milliseconds = Number(process.hrtime.bigint() - before) / 1e6;
    expect(bytes.length).toBeGreaterThan(data.byteLength);
    expect(milliseconds).toBeLessThan(1000);
  });
});
