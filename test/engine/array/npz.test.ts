import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { zipSync } from "fflate";
import { expect, test } from "vitest";
import { array, npyBytes, npzBytes, parseNpz, zeros } from "../../../src/engine/array/index.ts";
import { anyArrays, damaged, expectSameRecords, survives } from "./arbitraries.ts";

const fixture = (name: string) =>
  new Uint8Array(readFileSync(join(import.meta.dirname, "../../fixtures/array", name)));
const options = { mtime: new Date(1980, 0, 1) };

test.each(["stored.npz", "deflated.npz"])("%s, written by numpy, is read as written", (name) => {
  const { cube, labels, mask, größe, zeros: many } = parseNpz(fixture(name), name);
  expect(cube!.shape).toEqual([2, 3, 4]);
  expect(Array.from(cube!.data as Float32Array)).toEqual(Array.from({ length: 24 }, (_, i) => i));
  expect(labels).toEqual({ shape: [2], dtype: "int64", data: new BigInt64Array([3n, -1n]) });
  expect(mask).toEqual({ shape: [2], dtype: "bool", data: new Uint8Array([1, 0]) });
  expect(größe).toEqual({ shape: [], dtype: "float32", data: new Float32Array([2]) });
  if (name === "deflated.npz") expect(many).toEqual(zeros([3000]));
});

test("what is written is read back, stored or deflated", () => {
  fc.assert(
    fc.property(anyArrays, fc.constantFrom(0, 1, 9), (arrays, level) => {
      expectSameRecords(parseNpz(npzBytes(arrays, { level })), arrays);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("the bytes depend on the arrays only", () => {
  const arrays = { a: array([1, 2]), b: array([[3]]) };
  expect(npzBytes(arrays)).toEqual(npzBytes(arrays));
});

test("a name called __proto__ is a name like any other", () => {
  const named = Object.fromEntries([["__proto__", array([1])]]);
  expect(Object.keys(parseNpz(npzBytes(named)))).toEqual(["__proto__"]);
});

test("half a surrogate pair is no name", () => {
  expect(() => npzBytes({ "\ud800": array([1]) })).toThrow(expect.objectContaining({ kind: "option" }));
});

const good = npzBytes({ a: array([1, 2, 3]), b: array([4]) });
const entryAt = find(good, [0x50, 0x4b, 1, 2]);
const endAt = find(good, [0x50, 0x4b, 5, 6]);

function find(bytes: Uint8Array, signature: readonly number[]): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(Uint8Array.from(signature));
}

function edited(edit: (view: DataView, bytes: Uint8Array) => void, from = good): Uint8Array {
  const copy = from.slice();
  edit(new DataView(copy.buffer), copy);
  return copy;
}

test.each([
  ["end of central directory", new Uint8Array(0)],
  ["end of central directory", good.subarray(0, good.length - 1)],
  ["central directory", edited((view) => view.setUint16(endAt + 10, 3, true))],
  ["central directory", edited((view) => view.setUint32(endAt + 16, 0xfffffff0, true))],
  ["central directory", edited((view) => view.setUint16(entryAt + 28, 0xffff, true))],
  ["every name once", edited((_, bytes) => renameAll(bytes, "b.npy", "a.npy"))],
  ["entry name", edited((_, bytes) => renameAll(bytes, "b.npy", "b.txt"))],
  ["entry name", edited((_, bytes) => renameAll(bytes, "b.npy", "\xff.npy"))],
  ["entry a.npy, size", edited((view) => view.setUint32(entryAt + 24, 0xfffffff0, true))],
  ["overlap", edited((view) => view.setUint32(entryAt + 51 + 42, 0, true))],
  ["entry a.npy", edited((view) => view.setUint32(entryAt + 20, 0xffffff, true))],
  ["entry a.npy", edited((view) => view.setUint32(0, 7, true))],
  ["checksum", edited((_, bytes) => bytes.fill(9, endAt - 300, endAt - 290))],
  ["magic", zipSync({ "a.npy": new Uint8Array(200) }, options)],
])("a wrong %s is a format error that says so (%#)", (text, bytes) => {
  expect(() => parseNpz(bytes, "x.npz")).toThrow(
    expect.objectContaining({ kind: "format", message: expect.stringMatching(`^x.npz, .*${text}`) }),
  );
});

test.each([
  ["encrypted", edited((view) => view.setUint16(entryAt + 8, 1, true))],
  ["compression 12", edited((view) => view.setUint16(entryAt + 10, 12, true))],
  ["zip64", edited((view) => view.setUint32(entryAt + 24, 0xffffffff, true))],
])("%s is unsupported, not malformed", (text, bytes) => {
  expect(() => parseNpz(bytes, "x.npz")).toThrow(
    expect.objectContaining({ kind: "unsupported", message: expect.stringContaining(text) }),
  );
});

test("a bomb is refused before it is inflated", () => {
  const large = zipSync({ "a.npy": npyBytes(zeros([5_000_000])) }, { ...options, level: 9 });
  expect(large.length).toBeLessThan(100_000);
  expect(() => parseNpz(large, "x.npz", { maxBytes: 1e6 })).toThrow(
    expect.objectContaining({ kind: "unsupported" }),
  );
  const declared = edited((view) => {
    const at = find(large, [0x50, 0x4b, 1, 2]);
    view.setUint32(at + 24, 300_000_000, true);
  }, large);
  expect(() => parseNpz(declared, "x.npz")).toThrow(
    expect.objectContaining({ where: expect.stringContaining("size") }),
  );
  const less = edited((view) => view.setUint32(find(large, [0x50, 0x4b, 1, 2]) + 24, 5000, true), large);
  expect(() => parseNpz(less, "x.npz")).toThrow(expect.objectContaining({ kind: "format" }));
});

test("no damage to a file ends in anything but an AdvectError", () => {
  const files = fc
    .tuple(anyArrays, fc.constantFrom(0, 6))
    .map(([arrays, level]) => npzBytes(arrays, { level }));
  fc.assert(
    fc.property(damaged(files), (bytes) => survives(parseNpz, bytes)),
    { seed: 1, numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => survives(parseNpz, bytes)),
    { seed: 2, numRuns: 500 },
  );
});

test("deflated bytes of any kind are survived, whatever the checksum says", () => {
  const whole = npzBytes({ a: array([1, 2, 3, 4, 5, 6, 7, 8]) }, { level: 6 });
  const entry = find(whole, [0x50, 0x4b, 1, 2]);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: entry - 35, maxLength: entry - 35 }), (noise) => {
      survives(
        parseNpz,
        edited((_, bytes) => bytes.set(noise, 35), whole),
      );
    }),
    { seed: 3, numRuns: 2000 },
  );
});

function renameAll(bytes: Uint8Array, from: string, to: string): void {
  const buffer = Buffer.from(bytes.buffer);
  for (let at = buffer.indexOf(from); at >= 0; at = buffer.indexOf(from, at + 1))
    buffer.write(to, at, "latin1");
}
