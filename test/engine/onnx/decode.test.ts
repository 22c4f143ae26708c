import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { array } from "../../../src/engine/array/index.ts";
import { AdvectError } from "../../../src/engine/error.ts";
import { decodeModel } from "../../../src/engine/onnx/decode.ts";
import { numbersOf } from "../../../src/engine/onnx/decode-tensor.ts";
import { encodeModel, modelOf } from "../../../src/engine/onnx/encode.ts";
import type { OnnxNode, OnnxTensor } from "../../../src/engine/onnx/model.ts";

const folder = new URL("../../fixtures/onnx/", import.meta.url);
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(name, folder)));
const models = readdirSync(folder).filter((name) => name.endsWith(".onnx") && !name.startsWith("refused"));

function graphOf(nodes: readonly OnnxNode[], initializers: readonly OnnxTensor[] = []) {
  return encodeModel(modelOf({ name: "g", nodes, inputs: [], outputs: [], initializers }));
}

/** Decodes, and lets through only what decodeModel promises to throw. */
function tryDecode(bytes: Uint8Array): string {
  try {
    decodeModel(bytes, "fuzz.onnx");
    return "model";
  } catch (error) {
    if (!(error instanceof AdvectError) || !error.message.startsWith("fuzz.onnx, ")) throw error;
    expect(["format", "unsupported"]).toContain(error.kind);
    return error.kind;
  }
}

describe("decodeModel", () => {
  it.each(models)("reads %s and writes it again with the same meaning", (name) => {
    const model = decodeModel(fixture(name), name);
    expect(decodeModel(encodeModel(model), name)).toEqual(model);
  });

  it("gives back Python's bytes", () => {
    const bytes = fixture("everything.onnx");
    expect(Buffer.from(encodeModel(decodeModel(bytes, "everything.onnx")))).toEqual(Buffer.from(bytes));
  });

  it("reads numbers from the typed fields as from raw bytes", () => {
    const { initializers } = decodeModel(fixture("typed.onnx"), "typed.onnx").graph;
    const pairs = initializers.filter(({ name }) => name.startsWith("typed/"));
    expect(pairs.length).toBeGreaterThan(10);
    for (const typed of pairs) {
      const raw = initializers.find(({ name }) => name === typed.name.replace("typed/", "raw/"))!;
      expect({ ...typed, name: raw.name }).toEqual(raw);
    }
  });

  it("widens half precision", () => {
    const { initializers } = decodeModel(fixture("typed.onnx"), "typed.onnx").graph;
    const numbers = (name: string) => numbersOf(initializers.find((tensor) => tensor.name === name)!);
    expect(numbers("raw/FLOAT16")).toEqual(array([0.5, -2, 65504]));
    expect(numbers("raw/BFLOAT16")).toEqual(array([0.5, -2, 2 ** 100]));
    expect(numbers("raw/INT8")).toEqual(array([-128, 127], "int32"));
    expect(numbers("raw/BOOL")).toEqual(array([1, 0], "bool"));
  });

  it("keeps every 64-bit integer", () => {
    const check = (ints: readonly bigint[]) => {
      const bytes = graphOf([{ op: "A", inputs: [], outputs: [], attributes: { ints: { ints } } }]);
      const { ints: read } = decodeModel(bytes, "a").graph.nodes[0]!.attributes!;
      expect("ints" in read! && read.ints.map(BigInt)).toEqual(ints);
    };
    fc.assert(fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), check));
    const powers = Array.from({ length: 63 }, (_, i) => [
      2n ** BigInt(i),
      2n ** BigInt(i) - 1n,
      -(2n ** BigInt(i)),
    ]);
    check(powers.flat());
  });

  it("keeps integers that a number cannot hold", () => {
    const attributes = { ints: { ints: [2n ** 63n - 1n, -(2n ** 63n), 7] } };
    const bytes = graphOf([{ op: "A", inputs: [], outputs: [], attributes }]);
    expect(decodeModel(bytes, "a").graph.nodes[0]!.attributes).toEqual(attributes);
  });

  it.each(["__proto__", "constructor"])("treats %s as any other name", (name) => {
    const node = {
      op: "A",
      inputs: [name],
      outputs: [],
      attributes: Object.fromEntries([[name, { int: 3 }]]),
    };
    const read = decodeModel(graphOf([node]), "a").graph.nodes[0]!;
    expect(Object.entries(read.attributes!)).toEqual([[name, { int: 3 }]]);
  });

  it.each([
    ["refused-external.onnx", 'graph.initializer[0] "w"', "external data", "save_as_external_data=False"],
    ["refused-function.onnx", "functions", "1 functions", "inline_local_functions"],
    ["refused-string.onnx", 'graph.initializer[0] "s"', "number 8", "Convert"],
    ["refused-sequence.onnx", 'graph.input[0] "s"', "a sequence", "Convert"],
  ])("refuses %s, naming the field and a way out", (name, field, got, fix) => {
    const attempt = () => decodeModel(fixture(name), name);
    expect(attempt).toThrow(AdvectError);
    for (const part of [`${name}, ${field}`, got, fix]) expect(attempt).toThrow(part);
  });
});

describe("decodeModel on malformed bytes", () => {
  const tag = (number: number, wireType: number) => number * 8 + wireType;
  it.each([
    ["nothing", [], "graph: expected to be there"],
    [
      "a length beyond the end",
      [tag(7, 2), 0xff, 0xff, 0xff, 0xff, 0x0f],
      "graph: expected a length of at most 0 bytes, got 4294967295",
    ],
    ["a negative length", [tag(7, 2), ...Array(9).fill(0xff), 1], "graph: expected a length"],
    [
      "a varint of 11 bytes",
      [tag(1, 0), ...Array(11).fill(0xff)],
      "irVersion: expected an integer of at most 10 bytes",
    ],
    ["a varint without end", [tag(1, 0), 0x80], "irVersion: expected 1 more bytes"],
    ["a wrong wire type", [tag(7, 0), 1], "graph: expected wire type 2, got 0"],
    ["a group", [tag(99 % 16, 3)], "wire type 0, 1, 2 or 5"],
    ["field 0", [2, 0], "expected a field's tag"],
    ["a name that is not UTF-8", [tag(7, 2), 3, tag(2, 2), 1, 0xff], "graph.name: expected UTF-8 text"],
    ["two graphs", [tag(7, 2), 0, tag(7, 2), 0], "graph: expected one value"],
    ["no versions", [tag(7, 2), 0], "irVersion: expected a version"],
    ["a node without an operator", [tag(1, 0), 8, tag(7, 2), 2, tag(1, 2), 0], "graph.node[0].opType"],
  ])("%s", (_, bytes, text) => {
    const attempt = () => decodeModel(Uint8Array.from(bytes), "bad.onnx");
    expect(attempt).toThrow(`bad.onnx, `);
    expect(attempt).toThrow(text);
    expect(attempt).toThrow(AdvectError);
  });

  it("refuses graphs nested without end", () => {
    const nested = (depth: number): OnnxNode => ({
      op: "If",
      inputs: [],
      outputs: [],
      attributes: depth === 0 ? {} : { g: { graph: { ...empty, nodes: [nested(depth - 1)] } } },
    });
    const empty = { name: "", nodes: [], inputs: [], outputs: [], initializers: [] };
    expect(tryDecode(graphOf([nested(20)]))).toBe("model");
    expect(tryDecode(graphOf([nested(60)]))).toBe("format");
  });

  it("refuses a shape that its numbers do not fill, without allocating it", () => {
    const tensor = {
      name: "w",
      dtype: "float32",
      shape: [2 ** 40, 2 ** 40],
      data: new Float32Array(1),
    } as const;
    const attempt = () => decodeModel(graphOf([], [tensor]), "w.onnx");
    expect(attempt).toThrow('w.onnx, graph.initializer[0] "w": expected 1.2');
  });
});

describe("decodeModel under fuzzing", () => {
  const runs = { numRuns: 3000 };
  const valid = fc.constantFrom(...models.map(fixture));
  const position = fc.nat();

  it("survives random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void tryDecode(bytes)),
      runs,
    );
  });

  it("survives changed bytes", () => {
    const changes = fc.array(fc.tuple(position, fc.nat(255)), { minLength: 1, maxLength: 8 });
    const check = (bytes: Uint8Array, edits: readonly (readonly [number, number])[]) => {
      const copy = bytes.slice();
      for (const [at, value] of edits) copy[at % copy.length] = value;
      tryDecode(copy);
    };
    fc.assert(fc.property(valid, changes, check), runs);
  });

  it("survives truncation and splices", () => {
    const splice = (a: Uint8Array, b: Uint8Array, i: number, j: number) =>
      void tryDecode(Uint8Array.from([...a.subarray(0, i % a.length), ...b.subarray(j % b.length)]));
    fc.assert(fc.property(valid, valid, position, position, splice), runs);
    const truncate = (a: Uint8Array, i: number) => void tryDecode(a.slice(0, i % a.length));
    fc.assert(fc.property(valid, position, truncate), runs);
  });
});
