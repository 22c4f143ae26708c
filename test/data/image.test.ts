import { join } from "node:path";
import fc from "fast-check";
import { gzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import {
  fromPixels,
  loadOptdigits,
  parseCifar10,
  parseIdx,
  parseMnist,
  parseOptdigits,
  toPixels,
} from "../../src/data/index.ts";
import { array, ndarray } from "../../src/engine/array/index.ts";
import { damaged, formatError, survives } from "../engine/array/arbitraries.ts";

const gzip = (bytes: Uint8Array) => gzipSync(bytes, { mtime: 0 });

/** An idx file; `body` are the bytes of its elements. */
function idx(code: number, shape: readonly number[], body: readonly number[]): Uint8Array {
  const lengths = shape.flatMap((length) => [
    length >>> 24,
    (length >> 16) & 255,
    (length >> 8) & 255,
    length & 255,
  ]);
  return Uint8Array.from([0, 0, code, shape.length, ...lengths, ...body]);
}

describe("parseIdx", () => {
  test.each([
    [8, [1, 255], [1, 255], "uint8"],
    [9, [1, 255], [1, -1], "int32"],
    [11, [1, 2, 255, 254], [258, -2], "int32"],
    [12, [0, 1, 0, 2, 255, 255, 255, 255], [65538, -1], "int32"],
    [13, [0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0], [1, -2], "float32"],
    [14, [0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0], [1, -2], "float64"],
  ])("reads elements of type %i, most significant byte first", (code, body, values, dtype) => {
    const parsed = parseIdx(gzip(idx(code, [2, 1], body)));
    expect([parsed.shape, parsed.dtype, [...parsed.data]]).toEqual([[2, 1], dtype, values]);
  });

  test.each([
    ["magic", idx(8, [1], [0]).fill(1, 0, 1)],
    ["magic", Uint8Array.of(0, 0, 8)],
    ["type", idx(7, [1], [0])],
    ["shape", idx(8, [1, 1], []).subarray(0, 9)],
    ["data", idx(8, [2], [0])],
    ["data", idx(8, [0xffffffff, 0xffffffff, 0xffffffff], [0])],
  ])("names what is wrong: %s (%#)", (field, bytes) => {
    expect(() => parseIdx(bytes, "x.idx")).toThrow(
      expect.objectContaining({ name: "AdvectError", where: `x.idx, ${field}` }),
    );
  });
});

describe("parseMnist", () => {
  const images = idx(8, [2, 2, 3], [0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255]);
  const labels = idx(8, [2], [7, 2]);

  test("joins images and labels, one channel", () => {
    const parsed = parseMnist({ images: gzip(images), labels });
    expect(parsed.images.shape).toEqual([2, 1, 2, 3]);
    expect([...parsed.images.data.subarray(6)]).toEqual([250, 251, 252, 253, 254, 255]);
    expect(parsed.labels).toEqual(array([7, 2], "int32"));
  });

  test.each([
    ["labels, count", { images, labels: idx(8, [1], [7]) }],
    ["labels, label 1", { images, labels: idx(8, [2], [7, 10]) }],
    ["labels, shape", { images, labels: images }],
    ["images, shape", { images: idx(13, [1, 1, 1], [0, 0, 0, 0]), labels }],
  ])("names the file and what is wrong: %s", (field, files) => {
    expect(() => parseMnist(files, "digits")).toThrow(
      expect.objectContaining(formatError(`digits, ${field}`)),
    );
  });
});

describe("parseCifar10", () => {
  const record = (label: number) => [label, ...Array.from({ length: 3072 }, (_, i) => (i * 7 + label) % 256)];

  test("has red, green and blue planes behind each label", () => {
    const { images, labels } = parseCifar10(Uint8Array.from([...record(3), ...record(9)]));
    expect([images.shape, [...labels.data]]).toEqual([
      [2, 3, 32, 32],
      [3, 9],
    ]);
    const pixel = ((1 * 3 + 2) * 32 + 5) * 32 + 4; // image 1, blue, row 5, column 4
    expect(images.data[pixel]).toBe(((2 * 1024 + 5 * 32 + 4) * 7 + 9) % 256);
  });

  test.each([
    ["size", []],
    ["size", record(1).slice(1)],
    ["label 1", [...record(1), ...record(10)]],
  ])("names what is wrong: %s (%#)", (field, bytes) => {
    expect(() => parseCifar10(Uint8Array.from(bytes), "x.bin")).toThrow(
      expect.objectContaining(formatError(`x.bin, ${field}`)),
    );
  });
});

describe("optdigits", () => {
  const line = (label: number | string, pixel: number | string = 16) =>
    `${[...Array(63).fill(0), pixel, label].join(",")}\n`;
  const bytes = (text: string) => new TextEncoder().encode(text);

  test("ships with the counts of each digit that its documentation states", async () => {
    const { train, test } = await loadOptdigits(join(import.meta.dirname, "../../datasets/optdigits"));
    const counts = (labels: ArrayLike<number>) =>
      Array.from({ length: 10 }, (_, digit) => Array.from(labels).filter((label) => label === digit).length);
    expect(counts(train.labels.data)).toEqual([376, 389, 380, 389, 387, 376, 377, 387, 380, 382]);
    expect(counts(test.labels.data)).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    expect(train.images.shape).toEqual([3823, 1, 8, 8]);
    expect(train.images.data.reduce((a, b) => Math.max(a, b))).toBe(16);
    expect([...test.images.data.subarray(0, 8)]).toEqual([0, 0, 5, 13, 9, 1, 0, 0]);
  });

  test.each([
    ["columns", "1,2\n"],
    ["value 63", line(1, 0.5)],
    ["pixel 63", line(1, 17)],
    ["pixel 63", line(1, -1)],
    ["label 1", line(1) + line(10)],
    ["value 63", line(1, "nan")],
  ])("names what is wrong: %s (%#)", (field, text) => {
    expect(() => parseOptdigits(bytes(text), "x.csv")).toThrow(
      expect.objectContaining(formatError(`x.csv, ${field}`)),
    );
  });

  test("no damage to image files ends in anything but an AdvectError that names the file", () => {
    const files = fc.constantFrom(
      bytes(line(1) + line(2)),
      gzip(bytes(line(3))),
      idx(8, [2, 2, 3], Array(12).fill(7)),
      gzip(idx(13, [2], Array(8).fill(63))),
      idx(8, [3], [1, 2, 3]),
    );
    const labels = idx(8, [2], [1, 2]);
    const parsers = [
      parseOptdigits,
      parseIdx,
      parseCifar10,
      (images: Uint8Array, where: string) => parseMnist({ images, labels }, where),
      (images: Uint8Array, where: string) => parseMnist({ images: labels, labels: images }, where),
    ];
    fc.assert(
      fc.property(damaged(files), (broken) => {
        for (const parse of parsers) survives(parse, broken);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});

describe("pixels", () => {
  test("go to [-1, 1] and back without change", () => {
    const images = ndarray(
      Uint8Array.from({ length: 256 }, (_, i) => i),
      [1, 1, 16, 16],
    );
    const x = fromPixels({ images, maximum: 255 });
    expect([x.data[0], x.data[255], x.shape]).toEqual([-1, 1, [1, 1, 16, 16]]);
    expect(toPixels(x)).toEqual(images);
    const small = ndarray(
      Uint8Array.from({ length: 17 }, (_, i) => i),
      [17],
    );
    expect(toPixels(fromPixels({ images: small, maximum: 16 }), { maximum: 16 })).toEqual(small);
  });

  test("are clipped", () => {
    expect([...toPixels(array([-3, 0.1, 1.2, Number.NaN]), { maximum: 16 }).data]).toEqual([0, 9, 16, 0]);
    expect(() => toPixels(array([0]), { maximum: 256 })).toThrow("toPixels: expected an integer maximum");
  });
});
