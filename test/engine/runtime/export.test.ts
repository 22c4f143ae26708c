import { describe, expect, test } from "vitest";
import { array, ndarray } from "../../../src/engine/array/index.ts";
import { decodeModel } from "../../../src/engine/onnx/index.ts";
import { compile, exportOnnx, loadOnnx, spec } from "../../../src/engine/runtime/index.ts";
import { interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import { layer, layerModel, params } from "./models.ts";

const x = ndarray(Float32Array.of(1, -1, 0.5, 2, 0, 3), [3, 2]);
const shift = array([0.5, -0.5]);
const noise = ndarray(Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6), [3, 2]);

describe("exportOnnx", () => {
  test("names inputs by their place and path, outputs by their path", async () => {
    using model = await loadOnnx(layerModel());
    expect(model.inputs).toEqual([
      { name: "input0", dtype: "float32", shape: [3, 2] },
      { name: "input1.shift", dtype: "float32", shape: [2] },
      { name: "draw:noise", dtype: "float32", shape: [3, 2] },
    ]);
    expect(model.outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ["y", [3, 2]],
      ["noisy", [3, 2]],
    ]);
  });

  test("takes other names, and gives the numbers of the function", async () => {
    const bytes = layerModel({ inputNames: ["state", "given"], outputNames: ["next", "sample"] });
    using model = await loadOnnx(bytes);
    const got = await model({ state: x, "given.shift": shift, "draw:noise": noise });
    const draw = { normal: (_: string) => noiseTensor } as never;
    let noiseTensor: Tensor;
    const expected = interpret(
      (p: typeof params, ...[a, b, c]: Tensor[]) => {
        noiseTensor = c!;
        return layer(p as never, a!, { shift: b! }, draw);
      },
      params as never,
      x,
      shift,
      noise,
    );
    expect(Object.keys(got)).toEqual(["next", "sample"]);
    expected.y.data.forEach((value, i) => expect(got.next!.data[i]).toBeCloseTo(value, 6));
    expected.noisy.data.forEach((value, i) => expect(got.sample!.data[i]).toBeCloseTo(value, 6));
  });

  test("keeps the parameters in the file", () => {
    const { graph } = decodeModel(layerModel(), "layer");
    const stored = graph.initializers.map(({ data }) => Array.from(data as Float32Array));
    expect(stored).toContainEqual([...params.w.data]);
    expect(stored).toContainEqual([...params.b.data]);
  });

  test("lets names be those that values inside would get", async () => {
    const fn = (_: object, a: Tensor, b: Tensor) => [a.exp().add(b), a.exp().mul(2)];
    const request = { fn, params: {}, signature: [spec([1]), spec([1])] as const };
    using model = await loadOnnx(
      exportOnnx({ ...request, inputNames: ["c0", "v1"], outputNames: ["v0", "v2"] }),
    );
    const { v0, v2 } = await model({ c0: array([0]), v1: array([5]) });
    expect([v0!.data[0], v2!.data[0]]).toEqual([6, 2]);
  });

  test("refuses names that are missing or not different", () => {
    const message = /exportOnnx: expected different names for all inputs and outputs, got x twice/;
    const fn = (_: object, a: Tensor, b: Tensor) => a.add(b);
    const request = { fn, params: {}, signature: [spec([1]), spec([1])] as const };
    expect(() => exportOnnx({ ...request, inputNames: ["x", "x"] })).toThrow(message);
    expect(() => exportOnnx({ ...request, inputNames: ["x"], outputNames: ["x"] })).toThrow(message);
    expect(() => exportOnnx({ ...request, outputNames: ["a", "b"] })).toThrow(
      "expected 1 output names, for output, got [a, b]",
    );
  });

  test("standard leaves out what only ONNX Runtime knows", () => {
    const fn = (_: object, a: Tensor) => a.mul(interpretable(a));
    const interpretable = (a: Tensor) => a.matmul(a, { transposeB: true }).mul(0.5);
    const request = { fn, params: {}, signature: [spec([2, 3, 3])] as const };
    expect(decodeModel(exportOnnx(request), "own").opsets).toHaveProperty(["com.microsoft"]);
    expect(Object.keys(decodeModel(exportOnnx({ ...request, standard: true }), "own").opsets)).toEqual([""]);
  });
});

describe("loadOnnx", () => {
  test("refuses wrong feeds by name", async () => {
    using model = await loadOnnx(layerModel(), { where: "layer.onnx" });
    const feeds = { input0: x, "input1.shift": shift, "draw:noise": noise };
    await expect(model({ ...feeds, extra: x })).rejects.toMatchObject({
      kind: "option",
      message: "layer.onnx: expected inputs among input0, input1.shift, draw:noise, got [extra].",
    });
    const { input0, ...missing } = feeds;
    await expect(model(missing)).rejects.toMatchObject({
      kind: "option",
      message: `layer.onnx: expected input "input0" to be ${input0.dtype} [3,2], got nothing.`,
    });
    await expect(model({ ...feeds, "input1.shift": array([1, 2, 3]) })).rejects.toMatchObject({
      kind: "shape",
    });
    await expect(model({ ...feeds, input0: array([[1, 2]], "int32") })).rejects.toThrow("got int32 [1,2]");
  });

  test("refuses to run once disposed of", async () => {
    const model = await loadOnnx(layerModel());
    model[Symbol.dispose]();
    model[Symbol.dispose]();
    await expect(model({})).rejects.toThrow("expected a model in use");
  });

  test.each(["cpu", "wasm"] as const)("names a broken file on %s", async (device) => {
    const bytes = layerModel();
    const broken = { random: new Uint8Array(64).fill(0x5a), cut: bytes.slice(0, bytes.length / 2), none: new Uint8Array(0) }; // biome-ignore format: one line
    for (const [name, file] of Object.entries(broken)) {
      await expect(loadOnnx(file, { where: `${name}.onnx`, device })).rejects.toMatchObject({
        name: "AdvectError",
        kind: "format",
        where: `${name}.onnx`,
        message: expect.stringContaining("expected a model that ONNX Runtime accepts"),
      });
    }
  });

  test("reads a file by its path, and names the path in errors", async () => {
    const path = new URL("../../fixtures/onnx/convolved-22.onnx", import.meta.url).pathname;
    using model = await loadOnnx(path);
    expect(model.inputs).toEqual([{ name: "x", dtype: "float32", shape: ["n", 2, "length"] }]);
    await expect(model({ x: array([1]) })).rejects.toThrow(
      `${path}: expected input "x" to be float32 [n,2,length]`,
    );
    await expect(loadOnnx("/no/such.onnx")).rejects.toMatchObject({ kind: "io" });
  });
});

test("what is compiled and what is exported and loaded give the same bits", async () => {
  const fn = (p: { w: Tensor; b: Tensor }, a: Tensor) => a.matmul(p.w).add(p.b).tanh();
  using model = await loadOnnx(exportOnnx({ fn, params, signature: [spec([3, 2])] }));
  using run = await compile(fn, [{ w: spec([2, 2]), b: spec([2]) }, spec([3, 2])]);
  expect((await model({ input0: x })).output).toEqual(await run(params, x));
});
