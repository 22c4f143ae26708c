import fc from "fast-check";
import { expect } from "vitest";
import { bytesOf } from "../../../src/engine/array/elements.ts";
import { type DType, type NdArray, ndarray, sizeOf, viewAs } from "../../../src/engine/array/index.ts";
import { AdvectError } from "../../../src/engine/error.ts";

const dtypes: readonly DType[] = ["float32", "float64", "int32", "int64", "uint8", "bool"];
const sizes = { float32: 4, float64: 8, int32: 4, int64: 8, uint8: 1, bool: 1 };

/** Small arrays of every type and any bits, NaN patterns included; sometimes without elements or axes. */
export const anyArray: fc.Arbitrary<NdArray<DType>> = fc
  .tuple(fc.constantFrom(...dtypes), fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }))
  .chain(([dtype, shape]) => {
    const length = sizeOf(shape);
    const most = dtype === "bool" ? 1 : 255;
    const bytes = fc.uint8Array({
      minLength: length * sizes[dtype],
      maxLength: length * sizes[dtype],
      max: most,
    });
    return bytes.map(({ buffer }) => ndarray(viewAs(dtype, { buffer, byteOffset: 0, length }), shape, dtype));
  });

export const anyArrays = fc.dictionary(fc.string({ unit: "grapheme", maxLength: 8 }), anyArray, {
  maxKeys: 5,
  noNullPrototype: true,
});

/** Equal type, shape and bits: two NaN of different bits are not the same. */
export function expectSame(got: NdArray<DType>, wanted: NdArray<DType>): void {
  expect({ dtype: got.dtype, shape: got.shape }).toEqual({ dtype: wanted.dtype, shape: wanted.shape });
  expect(Buffer.compare(bytesOf(got.data), bytesOf(wanted.data))).toBe(0);
}

export function expectSameRecords(
  got: Readonly<Record<string, NdArray<DType>>>,
  wanted: Readonly<Record<string, NdArray<DType>>>,
): void {
  expect(Object.keys(got).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, array] of Object.entries(wanted)) expectSame(got[name]!, array);
}

/** Bytes flipped, the end cut off, a piece doubled or moved: what happens to files. */
export function damaged(valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  const flips = fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
  const at = (bytes: Uint8Array, where: number) => Math.floor(where * bytes.length);
  return fc.oneof(
    fc.tuple(valid, flips).map(([bytes, changes]) => {
      const copy = bytes.slice();
      for (const [where, value] of changes) copy[at(copy, where)] = value;
      return copy;
    }),
    fc.tuple(valid, place).map(([bytes, where]) => bytes.slice(0, at(bytes, where))),
    fc.tuple(valid, place, place, place).map(([bytes, a, b, c]) => {
      const [from, to] = [at(bytes, Math.min(a, b)), at(bytes, Math.max(a, b))];
      return Uint8Array.from([
        ...bytes.subarray(0, at(bytes, c)),
        ...bytes.subarray(from, to),
        ...bytes.subarray(at(bytes, c)),
      ]);
    }),
    fc
      .tuple(valid, valid, place, place)
      .map(([first, second, a, b]) =>
        Uint8Array.from([...first.subarray(0, at(first, a)), ...second.subarray(at(second, b))]),
      ),
  );
}

/** Runs `parse` on hostile bytes: a result, or one AdvectError that names the file. */
export function survives(parse: (bytes: Uint8Array, where: string) => unknown, bytes: Uint8Array): void {
  try {
    parse(bytes, "hostile.file");
  } catch (error) {
    expect(error).toBeInstanceOf(AdvectError);
    const { kind, where, message } = error as AdvectError;
    expect(["format", "unsupported"]).toContain(kind);
    expect(where.startsWith("hostile.file, ")).toBe(true);
    expect(message.length).toBeLessThan(1000);
  }
}

export function formatError(field: string): object {
  return { name: "AdvectError", kind: "format", where: expect.stringContaining(field) };
}
