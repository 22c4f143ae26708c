import { readFileSync } from "node:fs";
import { InferenceSession, Tensor as Value } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { AdvectError } from "../../../src/engine/error.ts";
import { encodeModel, modelOf } from "../../../src/engine/onnx/encode.ts";
import { decodeForeign, importOnnx } from "../../../src/engine/onnx/import.ts";
import { inlineForeign } from "../../../src/engine/onnx/inline.ts";
import type { OnnxNode, OnnxTensor } from "../../../src/engine/onnx/model.ts";
import { mergeOpsets } from "../../../src/engine/onnx/upgrade.ts";
import { input, is, type Tensor, type TensorDType } from "../../../src/engine/tensor/index.ts";

interface Plain {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | boolean)[];
}

const read = (name: string) => readFileSync(new URL(`../../fixtures/onnx/${name}`, import.meta.url));
const bytesOf = (name: string) => new Uint8Array(read(`${name}.onnx`));
const recorded = (name: string): Record<"inputs" | "outputs", Record<string, Plain>> =>
  JSON.parse(read(`${name}.json`).toString());

const dtypeOf: Record<string, TensorDType> = {
  float16: "float32",
  float32: "float32",
  int64: "int32",
  bool: "bool",
};
const symbolic = (name: string, { dtype, shape }: Plain) => input(name, { shape, dtype: dtypeOf[dtype]! });

function feedOf({ dtype, shape, data }: Plain): Value {
  const own = dtypeOf[dtype]!;
  if (own === "bool") return new Value("bool", Uint8Array.from(data, Number), shape);
  const numbers = own === "int32" ? Int32Array.from(data, Number) : Float32Array.from(data, Number);
  return new Value(own, numbers, shape);
}

/** A graph of ours around two calls of the model, as the emitter would write it; ReduceMax is ours. */
function wrapped(results: Record<string, Tensor>, target: number): Uint8Array {
  const [first] = Object.values(results);
  if (!first || !is("call", first)) throw new Error("expected a call");
  const { model } = first.attributes;
  const foreign = decodeForeign(model);
  const opsets = mergeOpsets({ "": target }, [foreign]);
  const inputs = Object.fromEntries(model.inputs.map((name) => [name, `in.${name}`]));
  const parts = ["a", "b"].map((side) => {
    const outputs = Object.fromEntries(model.outputs.map(({ name }) => [name, `${side}.${name}`]));
    return inlineForeign(foreign, {
      prefix: `call_${side}/`,
      weights: "weights/",
      inputs,
      outputs,
      opset: opsets[""]!,
    });
  });
  const weights = new Map<string, OnnxTensor>(
    parts.flatMap((part) => part.initializers.map((w) => [w.name, w])),
  );
  const own: OnnxNode[] = Object.entries(results).map(([name, { dtype }]) =>
    dtype === "float32"
      ? { op: "Max", inputs: [`a.${name}`, `b.${name}`], outputs: [name] }
      : { op: "Identity", inputs: [`b.${name}`], outputs: [name] },
  );
  const floats = first.inputs[0]!.dtype === "float32";
  const axes = { name: "axes", dtype: "int64", shape: [1], data: BigInt64Array.of(0n) } as const;
  const top: OnnxNode = { op: "ReduceMax", inputs: [`in.${model.inputs[0]}`, "axes"], outputs: ["top"] };
  const graph = {
    name: "outer",
    nodes: [...parts.flatMap((part) => part.nodes), ...own, ...(floats ? [top] : [])],
    inputs: first.inputs.map(({ shape, dtype }, i) => ({ name: `in.${model.inputs[i]}`, shape, dtype })),
    outputs: Object.entries(results).map(([name, { shape, dtype }]) => ({ name, shape, dtype })),
    initializers: [...weights.values(), ...(floats ? [axes] : [])],
  };
  return encodeModel(modelOf(graph, opsets));
}

async function run(bytes: Uint8Array, inputs: Record<string, Plain>, level: "disabled" | "all") {
  const session = await InferenceSession.create(bytes, { graphOptimizationLevel: level });
  const feeds = Object.entries(inputs).map(([name, plain]) => [`in.${name}`, feedOf(plain)]);
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  return results;
}

const names = [
  "reductions-13",
  "regions-13",
  "tokens-17",
  "sampled-17",
  "half-18",
  "sampled-20",
  "contributed-21",
  "convolved-22",
];
/** ONNX Runtime has no kernel for RoiAlign from operator set 22 on. */
const targets = (name: string) => (name === "regions-13" ? [21] : [21, 22, 24, 26]);
const shapes = (name: string) => (name === "half-18" ? { shapes: { y: [4, 2] } } : {});

describe("a model exported elsewhere", () => {
  it.each(names.flatMap((name) => targets(name).map((target) => [name, target] as const)))(
    "computes what it did in Python, inlined twice: %s into operator set %i",
    async (name, target) => {
      const { inputs, outputs } = recorded(name);
      const model = importOnnx(bytesOf(name), { where: name, ...shapes(name) });
      const tensors = Object.entries(inputs).map(([key, plain]) => [key, symbolic(key, plain)]);
      const results = model.call(Object.fromEntries(tensors));
      expect(Object.keys(results)).toEqual(Object.keys(outputs));
      for (const level of ["disabled", "all"] as const) {
        const values = await run(wrapped(results, target), inputs, level);
        for (const [key, { shape, data }] of Object.entries(outputs)) {
          expect(results[key]!.shape).toEqual(shape);
          expect(values[key]!.dims).toEqual(shape);
          const tolerance = name.startsWith("half") ? 2e-3 : 1e-6;
          const numbers = Array.from(values[key]!.data as Float32Array, Number);
          numbers.forEach((value, i) => expect(Math.abs(value - Number(data[i]))).toBeLessThan(tolerance));
        }
      }
    },
  );
});

describe("importOnnx", () => {
  const x = (shape: readonly number[], dtype: TensorDType = "float32") => input("x", { shape, dtype });

  it("lists inputs and outputs as tensors see them", () => {
    const { inputs, outputs } = importOnnx(bytesOf("tokens-17"));
    expect(inputs).toEqual([{ name: "ids", dtype: "int32", shape: ["batch", 3] }]);
    expect(outputs).toEqual([
      { name: "y", dtype: "float32", shape: ["batch", 3, 4] },
      { name: "best", dtype: "int32", shape: ["batch", 3] },
    ]);
  });

  it("gives equal calls equal tensors", () => {
    const { call } = importOnnx(bytesOf("contributed-21"));
    const [a, b] = [x([2, 3]), x([2, 3])];
    expect(call({ x: a }).y).toBe(call({ x: a }).y);
    expect(call({ x: a }).y).not.toBe(call({ x: b }).y);
  });

  it("asks for the shape of an output that does not follow from the inputs", () => {
    const attempt = () => importOnnx(bytesOf("half-18"), { where: "half.onnx" }).call({ x: x([4, 3]) });
    expect(attempt).toThrow(
      "half.onnx: expected a shape of output y that follows from the inputs, got [?, 2]. " +
        "Say it: importOnnx(bytes, { shapes: { y: [...] } }).",
    );
  });

  it.each([
    ["shape", { x: x([4, 2]) }, "m.onnx: expected x of shape [n, 3] where n = 4, got [4, 2]"],
    ["shape", { x: x([3]) }, "m.onnx: expected x of shape [n, 3], got [3]"],
    [
      "option",
      { x: x([4, 3], "int32") },
      'expected x of dtype float32, got int32. Convert it: cast(x, "float32").',
    ],
    ["option", { y: x([4, 3]) }, "expected inputs { x }, got { y }"],
    ["option", { x: x([4, 3]), toString: x([1]) }, "expected inputs { x }, got { x, toString }"],
  ])("throws %s for the tensors %#", (kind, tensors, text) => {
    const model = importOnnx(bytesOf("contributed-21"), { where: "m.onnx" });
    const attempt = () => model.call(tensors as Record<string, Tensor>);
    expect(attempt).toThrow(text);
    expect(attempt).toThrow(expect.objectContaining({ name: "AdvectError", kind }));
  });

  it("refuses one name for two lengths", () => {
    const value = (name: string) => ({ name, dtype: "float32", shape: ["n"] }) as const;
    const nodes = [{ op: "Concat", inputs: ["a", "b"], outputs: ["y"], attributes: { axis: { int: 0 } } }];
    const graph = {
      name: "g",
      nodes,
      inputs: [value("a"), value("b")],
      outputs: [value("y")],
      initializers: [],
    };
    const { call } = importOnnx(encodeModel(modelOf(graph)));
    expect(() => call({ a: x([2]), b: x([3]) })).toThrow("expected b of shape [n] where n = 2, got [3]");
  });

  it("refuses shapes that contradict the file", () => {
    const bytes = bytesOf("contributed-21");
    expect(() => importOnnx(bytes, { shapes: { y: [2, 4] } })).toThrow(
      "expected shapes.y like [n, 3], got [2, 4]",
    );
    expect(() => importOnnx(bytes, { shapes: { z: [2] } })).toThrow("expected shapes of x, y, got z");
  });

  const y = { name: "y", dtype: "float32", shape: [1, 4, 2] } as const;
  it.each<[string, number, OnnxNode, string]>([
    [
      "randomness",
      21,
      { op: "RandomNormalLike", inputs: ["x"], outputs: ["y"] },
      "a model that draws nothing",
    ],
    ["old versions", 12, { op: "Relu", inputs: ["x"], outputs: ["y"] }, "operator set 13 to 21, got 12"],
    ["unknown versions", 99, { op: "Relu", inputs: ["x"], outputs: ["y"] }, "operator set 13 to 28, got 99"],
    [
      "other meanings",
      18,
      { op: "GroupNormalization", inputs: ["x", "s", "b"], outputs: ["y"] },
      "operator set 21",
    ],
  ])("refuses %s", (_, opset, node, text) => {
    const graph = { name: "g", nodes: [node], inputs: [{ ...y, name: "x" }], outputs: [y], initializers: [] };
    const attempt = () => importOnnx(encodeModel(modelOf(graph, { "": opset })));
    expect(attempt).toThrow(AdvectError);
    expect(attempt).toThrow(text);
  });
});

describe("mergeOpsets", () => {
  const model = (opsets: Record<string, number>) => {
    const nodes = [{ op: "A", domain: "x", inputs: [], outputs: ["y"] }];
    return modelOf({ name: "", nodes, inputs: [], outputs: [], initializers: [] }, opsets);
  };
  const ours = { "": 21, "com.microsoft": 1 };

  it("takes the newest of ONNX's own operators, and the domains that are used", () => {
    const models = [model({ "": 13, x: 2 }), model({ "": 22, x: 2, unused: 7 })];
    expect(mergeOpsets(ours, models)).toEqual({ ...ours, "": 22, x: 2 });
  });

  it("refuses two versions of another domain", () => {
    expect(() => mergeOpsets(ours, [model({ x: 2 }), model({ x: 3 })])).toThrow(
      'operators of "x", got 2 and 3',
    );
  });
});
