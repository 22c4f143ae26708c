import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { array, type DType, npyBytes, parseNpy } from "../../../src/engine/array/index.ts";
import { anyArray, damaged, expectSame, survives } from "./arbitraries.ts";

const folder = join(import.meta.dirname, "../../fixtures/array");
const fixture = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
const expected: Record<string, { shape: number[]; dtype: DType; values: (number | string)[] }> = JSON.parse(
  readFileSync(join(folder, "expected.json"), "utf8"),
);

test.each(Object.entries(expected))(
  "%s, written by numpy, is read as written",
  (name, { shape, dtype, values }) => {
    const parsed = parseNpy(fixture(name), name);
    expect([parsed.shape, parsed.dtype]).toEqual([shape, dtype]);
    expect(Array.from(parsed.data, (x: number | bigint) => (dtype === "int64" ? `${x}` : x))).toEqual(values);
  },
);

test.each(["f4", "f8", "i4", "i8", "u1"])("our bytes are numpy's for %s", (code) => {
  const bytes = fixture(`${code}-little.npy`);
  expect(npyBytes(parseNpy(bytes))).toEqual(bytes);
});

test.each(["scalar", "empty", "bool"])("our bytes are numpy's for %s", (name) => {
  expect(npyBytes(parseNpy(fixture(`${name}.npy`)))).toEqual(fixture(`${name}.npy`));
});

test.each(readdirSync(folder).filter((name) => name.startsWith("refused")))(
  "%s is refused by name",
  (name) => {
    expect(() => parseNpy(fixture(name), name)).toThrow(
      expect.objectContaining({ name: "AdvectError", where: expect.stringContaining(name) }),
    );
  },
);

test("data in place is a view, out of place a copy", () => {
  const bytes = npyBytes(array([1, 2, 3]));
  expect(parseNpy(bytes).data.buffer).toBe(bytes.buffer);
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  const moved = parseNpy(shifted.subarray(1));
  expect(moved.data.buffer).not.toBe(shifted.buffer);
  expect(moved).toEqual(array([1, 2, 3]));
});

test("Node's Buffer is read wherever its bytes lie", () => {
  const bytes = npyBytes(array([1.5, -2]));
  for (let offset = 0; offset < 8; offset++) {
    const buffer = Buffer.alloc(bytes.length + offset).subarray(offset);
    buffer.set(bytes);
    expect([...parseNpy(buffer).data]).toEqual([1.5, -2]);
  }
});

test("what is written is read back, bit for bit", () => {
  fc.assert(
    fc.property(anyArray, (original) => expectSame(parseNpy(npyBytes(original)), original)),
    { seed: 1, numRuns: 500 },
  );
});

function npy(
  header: string,
  body = 0,
  { magic = "\x93NUMPY", version = 1, length = header.length } = {},
): Uint8Array {
  const size =
    version === 1 ? [length & 255, length >> 8] : [length, length >> 8, length >> 16, length >>> 24];
  const head = [...magic].map((character) => character.charCodeAt(0));
  const text = [...header].map((character) => character.charCodeAt(0));
  return Uint8Array.from([...head, version, 0, ...size, ...text, ...new Uint8Array(body)]);
}

test.each([
  ["magic", npy("{}", 0, { magic: "\x93NUMPX" })],
  ["magic", new Uint8Array(0)],
  ["version", npy("{}", 0, { version: 4 })],
  ["version", Uint8Array.from([...npy("{}").subarray(0, 6)])],
  ["header", npy("{}").subarray(0, 9)],
  ["header length", npy("{}", 0, { length: 3 })],
  ["header length", npy("{}", 0, { version: 2, length: 0xffffffff })],
  ["header", npy("{")],
  ["header", npy("[1]")],
  ["header", npy("{'descr': '<f4'}")],
  ["header", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}", 4)],
  ["header", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'shape': (1,)}", 4)],
  ["header", npy("\xff\xfe{}", 0, { version: 3 })],
  ["descr", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", 4)],
  ["fortran_order", npy("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", 4)],
  ["shape", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", 4)],
  ["shape", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1.5,)}", 4)],
  ["shape", npy("{'descr': '<f4', 'fortran_order': False, 'shape': 1}", 4)],
  ["data", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", 4)],
  ["data", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", 5)],
  ["data", npy("{'descr': '<f8', 'fortran_order': False, 'shape': (9007199254740991, 9007199254740991)}", 8)],
  [
    "data",
    npy("{'descr': '|b1', 'fortran_order': False, 'shape': (1,)}", 1).map((byte, i, all) =>
      i === all.length - 1 ? 2 : byte,
    ),
  ],
])("a wrong %s is a format error that names it (%#)", (field, bytes) => {
  expect(() => parseNpy(bytes, "x.npy")).toThrow(
    expect.objectContaining({
      name: "AdvectError",
      kind: "format",
      where: expect.stringMatching(`^x.npy, .*${field}`),
    }),
  );
});

test("headers of other writers are read: any order, Python 2 numbers, no trailing comma", () => {
  const header = "{'shape': (2L, 1L), \"fortran_order\" : True , 'descr': '>i2'}   \n";
  expect(parseNpy(npy(header, 4))).toMatchObject({ shape: [2, 1], dtype: "int32" });
});

test("no damage to a file ends in anything but an AdvectError", () => {
  const files = anyArray.map(npyBytes);
  fc.assert(
    fc.property(damaged(files), (bytes) => survives(parseNpy, bytes)),
    { seed: 1, numRuns: 3000 },
  );
  const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => {
    bytes.set(npyBytes(array([1])).subarray(0, Math.min(8, bytes.length)));
    return bytes;
  });
  fc.assert(
    fc.property(noise, (bytes) => survives(parseNpy, bytes)),
    { seed: 2, numRuns: 1000 },
  );
});
