import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { gzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { gunzip, loadArrays, parseArrays, parseCsv } from "../../src/data/index.ts";
import { array, npyBytes, npzBytes } from "../../src/engine/array/index.ts";
import { damaged, formatError, survives } from "../engine/array/arbitraries.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const gzip = (bytes: Uint8Array) => gzipSync(bytes, { mtime: 0 });

describe("parseCsv", () => {
  test("reads numbers, with names where the first line has any", () => {
    const { names, values } = parseCsv(
      utf8('\uFEFF# a comment\r\n"time", x\r\n\r\n0,-1.5e3\r\n"1", +.25\r\n'),
    );
    expect(names).toEqual(["time", "x"]);
    expect([values.shape, [...values.data]]).toEqual([
      [2, 2],
      [0, -1500, 1, 0.25],
    ]);
    const bare = parseCsv(utf8("1,2.\nnan,-inf"));
    expect(bare.names).toBeUndefined();
    expect([...bare.values.data]).toEqual([1, 2, Number.NaN, -Infinity]);
  });

  test("reads back every finite number that was written", () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    const tables = fc.integer({ min: 1, max: 5 }).chain((columns) =>
      fc.array(fc.array(finite, { minLength: columns, maxLength: columns }), {
        minLength: 1,
        maxLength: 6,
      }),
    );
    fc.assert(
      fc.property(tables, fc.boolean(), (rows, packed) => {
        const bytes = utf8(rows.map((row) => row.join(",")).join("\n"));
        const { values } = parseCsv(packed ? gzip(bytes) : bytes);
        expect(values.shape).toEqual([rows.length, rows[0]!.length]);
        expect([...values.data]).toEqual(rows.flat().map((value) => (value === 0 ? 0 : value)));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test.each([
    ["rows", ""],
    ["rows", "a,b\n"],
    ["line 3", "1,2\n# odd\n3\n"],
    ["line 2, column 2", "1,2\n3,\n"],
    ["line 2, column 1", "1,2\n0x10,4\n"],
    ["line 2, column 1", "1,2\n1e,4\n"],
    ["line 2", 'a,b\n"1,2",3\n'],
  ])("names what is wrong: %s (%#)", (field, text) => {
    expect(() => parseCsv(utf8(text), "x.csv")).toThrow(
      expect.objectContaining(formatError(`x.csv, ${field}`)),
    );
  });

  test("refuses bytes that are no text", () => {
    expect(() => parseCsv(Uint8Array.of(0xff, 0xfe), "x.csv")).toThrow("x.csv, text: expected UTF-8 text");
  });
});

describe("gunzip", () => {
  const content = utf8("advect ".repeat(1000));

  test("gives back what was packed, and passes on what is not", () => {
    expect(gunzip(gzip(content), "x")).toEqual(content);
    expect(gunzip(content, "x")).toBe(content);
    expect(gunzip(gzip(new Uint8Array(0)), "x")).toEqual(new Uint8Array(0));
  });

  const changed = (from: number, value: number) => {
    const bytes = gzip(content);
    bytes[bytes.length + from] = value;
    return bytes;
  };
  test.each([
    ["a size no bytes can give", changed(-1, 0x70), "gzip, size"],
    ["a size too small", changed(-4, 0), "gzip"],
    ["a wrong checksum", changed(-8, gzip(content).at(-8)! ^ 1), "gzip"],
    ["a cut end", gzip(content).subarray(0, 17), "gzip"],
  ])("refuses %s", (_, bytes, field) => {
    expect(() => gunzip(bytes, "x.gz")).toThrow(expect.objectContaining(formatError(`x.gz, ${field}`)));
  });
});

describe("parseArrays", () => {
  const x = array([
    [1, 2],
    [3, 4],
  ]);

  test("knows npy, npz and csv by their bytes, gzipped or not", () => {
    for (const pack of [gzip, (bytes: Uint8Array) => bytes]) {
      expect(parseArrays(pack(npyBytes(x)))).toEqual({ data: x });
      expect(parseArrays(pack(npzBytes({ x })))).toEqual({ x });
      expect(parseArrays(pack(utf8("1,2\n3,4")))).toEqual({
        data: { ...x, dtype: "float64", data: Float64Array.of(1, 2, 3, 4) },
      });
    }
  });

  test("no damage ends in anything but an AdvectError that names the file", () => {
    const files = fc.constantFrom(
      npyBytes(x),
      npzBytes({ x }),
      utf8("a,b\n1,2\n3,4\n"),
      gzip(npyBytes(x)),
      gzip(utf8("1,2\n")),
    );
    fc.assert(
      fc.property(damaged(files), (bytes) => survives(parseArrays, bytes)),
      { seed: 1, numRuns: 3000 },
    );
  });
});

test("loadArrays reads a file, and says which one is missing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "advect-data-"));
  try {
    writeFileSync(join(folder, "x.npy"), npyBytes(array([5])));
    expect(await loadArrays(join(folder, "x.npy"))).toEqual({ data: array([5]) });
    await expect(loadArrays(join(folder, "y.npy"))).rejects.toMatchObject({
      kind: "io",
      message: expect.stringContaining("y.npy"),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
