import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { array, parseSafetensors, safetensorsBytes, zeros } from "../../../src/engine/array/index.ts";
import { anyArrays, damaged, expectSameRecords, survives } from "./arbitraries.ts";

const fixture = (name: string) =>
  new Uint8Array(readFileSync(join(import.meta.dirname, "../../fixtures/array", name)));

test("a file by the reference implementation is read as written", () => {
  const { tensors, metadata } = parseSafetensors(fixture("ours.safetensors"));
  expect(metadata).toEqual({ advect: 'é "1"\n' });
  expect(tensors).toEqual({
    weight: { shape: [2, 3, 4], dtype: "float32", data: Float32Array.from({ length: 24 }, (_, i) => i) },
    bias: array([1.5, -2]),
    steps: { shape: [1], dtype: "int64", data: new BigInt64Array([2n ** 62n]) },
    mask: array([1, 0, 1], "bool"),
    byte: array([255], "uint8"),
    double: array([[0.1]], "float64"),
    index: array([-7], "int32"),
    none: zeros([0, 3]),
  });
});

test("our bytes are those of the reference implementation", () => {
  const bytes = fixture("ours.safetensors");
  expect(safetensorsBytes(parseSafetensors(bytes))).toEqual(bytes);
});

test("half and narrow types are converted", () => {
  const { tensors } = parseSafetensors(fixture("converted.safetensors"));
  expect(tensors.half).toEqual(
    array([
      [0.5, -2, 1],
      [65504, 2 ** -24, -0],
    ]),
  );
  expect(tensors.narrow).toEqual(array([-128], "int32"));
  expect(tensors.wide!.data).toEqual(new BigInt64Array([2n ** 32n - 1n]));
});

test("every float16 is the float32 of the same value", () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const header = '{"x":{"dtype":"F16","shape":[65536],"data_offsets":[0,131072]}}';
  const { x } = parseSafetensors(file(header, new Uint8Array(bits.buffer))).tensors;
  const value = (half: number) => {
    const [sign, exponent, mantissa] = [half >> 15 ? -1 : 1, (half >> 10) & 31, half & 1023];
    if (exponent === 31) return mantissa ? Number.NaN : sign * Infinity;
    return sign * (exponent ? (1 + mantissa / 1024) * 2 ** (exponent - 15) : mantissa * 2 ** -24);
  };
  expect(x!.data).toEqual(Float32Array.from(bits, value));
});

test("bfloat16 is the upper half of float32", () => {
  const halves = new Uint16Array(new Float32Array([1, -2.5, 2 ** -130, Infinity]).buffer).filter(
    (_, i) => i % 2 === 1,
  );
  const header = '{"x":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]}}';
  const { x } = parseSafetensors(file(header, new Uint8Array(halves.buffer))).tensors;
  expect(Array.from(x!.data as Float32Array)).toEqual([1, -2.5, 2 ** -130, Infinity]);
});

test("what is written is read back, and every tensor is a view", () => {
  const strings = fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), {
    maxKeys: 3,
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(anyArrays, strings, (tensors, metadata) => {
      const bytes = safetensorsBytes({ tensors, metadata });
      const parsed = parseSafetensors(bytes);
      expect(parsed.metadata).toEqual(metadata);
      expectSameRecords(parsed.tensors, tensors);
      for (const { data } of Object.values(parsed.tensors)) expect(data.buffer).toBe(bytes.buffer);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("bytes at an odd place are copied", () => {
  const bytes = safetensorsBytes({ tensors: { a: array([1, 2]) } });
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  expect(parseSafetensors(shifted.subarray(1)).tensors).toEqual({ a: array([1, 2]) });
});

test("the name of the metadata and half a surrogate pair are no names", () => {
  for (const name of ["__metadata__", "\ud800"]) {
    expect(() => safetensorsBytes({ tensors: { [name]: array([1]) } })).toThrow(
      expect.objectContaining({ kind: "option" }),
    );
  }
});

function file(header: string | Uint8Array, data: Uint8Array | number = 0, declared?: bigint): Uint8Array {
  const head = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const body = typeof data === "number" ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + head.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, declared ?? BigInt(head.length), true);
  bytes.set(head, 8);
  bytes.set(body, 8 + head.length);
  return bytes;
}

const f32 = (shape: string, offsets: string) => `{"dtype":"F32","shape":${shape},"data_offsets":${offsets}}`;

test.each([
  ["header length", new Uint8Array(7)],
  ["header length", file("{}", 0, 3n)],
  ["header length", file("{}", 0, 2n ** 64n - 1n)],
  ["header", file(new Uint8Array([0x7b, 0xff, 0x7d]))],
  ["header", file("")],
  ["header", file(' {"a":1}')],
  ["header", file("[]")],
  ["header", file('{"a":')],
  ["header", file("{".repeat(100_000))],
  ["header", file(`{"a":${f32("[1]", "[0,4]")},"\\u0061":${f32("[1]", "[0,4]")}}`, 4)],
  ["header", file('{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}', 4)],
  ["__metadata__", file('{"__metadata__":{"a":1}}')],
  ["__metadata__", file('{"__metadata__":null}')],
  ["tensor a, entry", file('{"a":[]}')],
  ["tensor a, dtype", file('{"a":{"dtype":1,"shape":[1],"data_offsets":[0,4]}}', 4)],
  ["tensor a, shape", file(`{"a":${f32("[-1]", "[0,4]")}}`, 4)],
  ["tensor a, shape", file(`{"a":${f32("[0.5]", "[0,4]")}}`, 4)],
  ["tensor a, shape", file('{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4)],
  ["tensor a, data_offsets", file(`{"a":${f32("[1]", "[0]")}}`, 4)],
  ["tensor a, data_offsets", file(`{"a":${f32("[1]", "[0,4,4]")}}`, 4)],
  ["tensor a, data_offsets", file(`{"a":${f32("[1]", "[4,0]")}}`, 4)],
  ["tensor a, data_offsets", file(`{"a":${f32("[2]", "[0,4]")}}`, 4)],
  ["tensor a, data_offsets", file(`{"a":${f32("[9007199254740991,9007199254740991]", "[0,4]")}}`, 4)],
  ["tensor a, data_offsets", file(`{"a":${f32("[1]", "[4,8]")}}`, 8)],
  ["tensor b, data_offsets", file(`{"a":${f32("[2]", "[0,8]")},"b":${f32("[1]", "[4,8]")}}`, 8)],
  ["data", file(`{"a":${f32("[1]", "[0,4]")}}`, 5)],
  ["data", file(`{"a":${f32("[1]", "[0,4]")}}`, 3)],
  ["data", file("{}", 1)],
  ["tensor a", file('{"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}', new Uint8Array([2]))],
  ["tensor a", file('{"a":{"dtype":"U64","shape":[1],"data_offsets":[0,8]}}', new Uint8Array(8).fill(255))],
])("a wrong %s is a format error that names it (%#)", (field, bytes) => {
  expect(() => parseSafetensors(bytes, "x.safetensors")).toThrow(
    expect.objectContaining({ name: "AdvectError", kind: "format", where: `x.safetensors, ${field}` }),
  );
});

test("types without a counterpart are unsupported", () => {
  const bytes = file('{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}', 1);
  expect(() => parseSafetensors(bytes)).toThrow(expect.objectContaining({ kind: "unsupported" }));
});

test("no damage to a file ends in anything but an AdvectError", () => {
  const files = anyArrays.map((tensors) => safetensorsBytes({ tensors, metadata: { kind: "test" } }));
  fc.assert(
    fc.property(damaged(files), (bytes) => survives(parseSafetensors, bytes)),
    { seed: 1, numRuns: 3000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => survives(parseSafetensors, bytes)),
    { seed: 2, numRuns: 500 },
  );
});

test("no header, however odd, ends in anything but an AdvectError", () => {
  const number = fc.oneof(
    fc.integer({ min: -1, max: 9 }),
    fc.double(),
    fc.maxSafeInteger(),
    fc.constant(null),
  );
  const entry = fc.record(
    {
      dtype: fc.constantFrom("F32", "BOOL", "I64", "F16", "toString", 1),
      shape: fc.oneof(fc.array(number, { maxLength: 3 }), number),
      data_offsets: fc.oneof(fc.tuple(number, number), fc.array(number, { maxLength: 3 })),
    },
    { requiredKeys: [] },
  );
  const name = fc.constantFrom("a", "b", "__metadata__", "__proto__", "constructor");
  const header = fc.oneof(fc.dictionary(name, fc.oneof(entry, fc.jsonValue())), fc.jsonValue());
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 16 }), (value, data) =>
      survives(parseSafetensors, file(JSON.stringify(value), data)),
    ),
    { seed: 3, numRuns: 2000 },
  );
});
