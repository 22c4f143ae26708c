import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type NdArray, ndarray } from "../../../src/engine/array/index.ts";
import { pack, unpack, type Value } from "../../../src/robot/serve/msgpack/index.ts";
import { arrayOf, isArrayLike, packedArray } from "../../../src/robot/serve/wire-array.ts";

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const parts = (entries: Readonly<Record<string, Value>>) => ({
  text: new Map(),
  binary: new Map(Object.entries({ __ndarray__: true, ...entries })),
});

test("arrays are packed as openpi_client.msgpack_numpy packs them", () => {
  // msgpack_numpy.packb(numpy.array([[1, 2]], numpy.float32)).hex()
  const python =
    "84c40b5f5f6e6461727261795f5fc3c40464617461c4080000803f00000040c4056474797065a33c6634c4057368617065920102";
  expect(Buffer.from(pack(packedArray(ndarray(Float32Array.of(1, 2), [1, 2])))).toString("hex")).toBe(python);
  expect(arrayOf(unpack(bytesOf(python)), "a")).toEqual(ndarray(Float32Array.of(1, 2), [1, 2]));
});

test("every array comes back, whatever its type and wherever its bytes lie in the message", () => {
  const arrays = fc.oneof(
    fc.float32Array().map((data): NdArray => ndarray(data, [data.length])),
    fc.float64Array().map((data): NdArray => ndarray(data, [1, data.length])),
    fc.int32Array().map((data): NdArray => ndarray(data, [data.length, 1])),
    fc.uint8Array().map((data): NdArray => ndarray(data, [data.length])),
    fc.uint8Array({ max: 1 }).map((data): NdArray => ndarray(data, [data.length], "bool")),
  );
  fc.assert(
    fc.property(arrays, fc.string({ maxLength: 9 }), (array, before) => {
      const back = unpack(pack([before, packedArray(array)])) as Value[];
      const read = arrayOf(back[1]!, "a");
      expect(Array.from(read.data)).toEqual(Array.from(array.data));
      expect(read.shape).toEqual(array.shape);
    }),
  );
});

// bytes by numpy.array([...], dtype).tobytes().hex()
test.each([
  ["<f2", "003c00bc0001ff7b", [1, -1, 2 ** -16, 65504]],
  [">f4", "3f800000c0000000", [1, -2]],
  [">f8", "3ff8000000000000", [1.5]],
  ["|i1", "ff7f", [-1, 127]],
  ["<i2", "feff", [-2]],
  [">i4", "fffffffd", [-3]],
  ["<i8", "fcffffffffffffff", [-4]],
  ["<u2", "ffff", [65535]],
  ["<u4", "ffffffff", [2 ** 32 - 1]],
  ["<u8", "0100000000000000", [1]],
  ["|b1", "000102", [0, 1, 1]],
])("%s is read", (dtype, hex, values) => {
  const data = bytesOf(hex);
  expect(Array.from(arrayOf(parts({ data, dtype, shape: [values.length] }), "a").data)).toEqual(values);
});

test("numbers and NumPy scalars have shape []", () => {
  const generic = new Map<string, Value>(Object.entries({ __npgeneric__: true, data: 2.5, dtype: "<f4" }));
  for (const value of [2.5, { text: new Map(), binary: generic }]) {
    expect(isArrayLike(value)).toBe(true);
    expect(arrayOf(value, "a")).toEqual(ndarray(Float64Array.of(2.5), []));
  }
});

describe("arrayOf says what is wrong with", () => {
  const data = new Uint8Array(8);
  test.each<[string, Value, string]>([
    [
      "too little data",
      parts({ data, dtype: "<f4", shape: [3] }),
      "a: expected 12 bytes of data for f4 [3], got 8 bytes.",
    ],
    ["a shape beyond all memory", parts({ data, dtype: "<f4", shape: [2 ** 40, 2 ** 40] }), "got 8 bytes."],
    [
      "a negative length",
      parts({ data, dtype: "<f4", shape: [-2] }),
      "a shape of at most 32 lengths, got [-2].",
    ],
    ["a shape that is none", parts({ data, dtype: "<f4", shape: "2" }), "a shape of at most 32 lengths"],
    ["objects", parts({ data, dtype: "|O", shape: [1] }), 'a dtype of numbers such as <f4, got "|O".'],
    ["complex numbers", parts({ data, dtype: "<c8", shape: [1] }), "a dtype of numbers"],
    ["no data", parts({ dtype: "<f4", shape: [1] }), "a: expected 4 bytes of data for f4 [1], got nothing."],
    ["text", "left", "a: expected an array of numbers, got a string."],
    ["a dict", { text: new Map(), binary: new Map() }, "got a dict."],
  ])("%s", (_, value, message) => {
    expect(() => arrayOf(value, "a")).toThrow(message);
  });
});
