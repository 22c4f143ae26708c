import fc from "fast-check";
import { expect, test } from "vitest";
import { array, asType, type DType, ndarray, takeRows, zeros } from "../../../src/engine/array/index.ts";
import { AdvectError } from "../../../src/engine/error.ts";

test("nested lists become rows", () => {
  expect(
    array([
      [1, 2, 3],
      [4, 5, 6],
    ]),
  ).toEqual({ shape: [2, 3], dtype: "float32", data: new Float32Array([1, 2, 3, 4, 5, 6]) });
  expect(array(7, "int32")).toEqual({ shape: [], dtype: "int32", data: new Int32Array([7]) });
  expect(array([[], []]).shape).toEqual([2, 0]);
});

test.each([[[[1, 2], [3]]], [[[1], 2]], [[1, [2]]]])(
  "rows of different lengths are refused (%#)",
  (values) => {
    expect(() => array(values as never)).toThrow(expect.objectContaining({ kind: "shape" }));
  },
);

test.each([[[2]], [[-3]], [[1.5, 2]], [[3, Number.NaN]]])("%j is no shape of three elements", (shape) => {
  expect(() => ndarray(new Float32Array(3), shape)).toThrow(expect.objectContaining({ kind: "shape" }));
});

test.each([[[-1]], [[0.5]], [[2 ** 60]]])("%j is no shape", (shape) => {
  expect(() => zeros(shape)).toThrow(expect.objectContaining({ kind: "shape" }));
});

test("the shape is copied, the data is not", () => {
  const shape = [3];
  const data = new Float32Array(3);
  const wrapped = ndarray(data, shape);
  shape[0] = 9;
  expect(wrapped.shape).toEqual([3]);
  expect(wrapped.data).toBe(data);
});

test("asType truncates toward zero, rounds to float32 and makes bools of 0 and the rest", () => {
  const values = array([-1.7, 0, 2.5], "float64");
  expect(asType(values, "int32")).toEqual(array([-1, 0, 2], "int32"));
  expect(asType(values, "int64").data).toEqual(new BigInt64Array([-1n, 0n, 2n]));
  expect(asType(values, "bool")).toEqual(array([1, 0, 1], "bool"));
  expect(asType(values, "float32")).toEqual(array([-1.7, 0, 2.5]));
  expect(asType(values, "float64")).toBe(values);
});

test.each<[number, DType]>([
  [2 ** 31, "int32"],
  [-(2 ** 31) - 1, "int32"],
  [256, "uint8"],
  [-1, "uint8"],
  [Number.NaN, "int32"],
  [Infinity, "int64"],
  [2 ** 63, "int64"],
])("%d does not fit %s", (value, dtype) => {
  expect(() => asType(array([value], "float64"), dtype)).toThrow(
    expect.objectContaining({ kind: "numerical" }),
  );
});

test("whole numbers survive a journey through every wider type", () => {
  fc.assert(
    fc.property(fc.int8Array(), (bytes) => {
      const original = ndarray(Int32Array.from(bytes), [bytes.length], "int32");
      const wide = asType(asType(asType(original, "float32"), "int64"), "float64");
      expect(asType(wide, "int32")).toEqual(original);
    }),
    { seed: 1 },
  );
});

test.each([1, 3, 32, 100])("takeRows picks whole rows of %i, repeated or not", (width) => {
  const rows = array(
    Array.from({ length: 4 }, (_, row) => Array.from({ length: width }, (_, i) => row * 1000 + i)),
  );
  const picked = takeRows(rows, Int32Array.of(3, 0, 3));
  expect(picked.shape).toEqual([3, width]);
  expect(Array.from({ length: 3 }, (_, i) => picked.data[i * width])).toEqual([3000, 0, 3000]);
  expect(picked.data.at(-1)).toBe(3000 + width - 1);
});

test("takeRows keeps types and empty rows", () => {
  const wide = { shape: [2], dtype: "int64", data: new BigInt64Array([5n, 6n]) } as const;
  expect(takeRows(wide, Int32Array.of(1)).data).toEqual(new BigInt64Array([6n]));
  expect(takeRows(zeros([2, 0, 3]), Int32Array.of(1, 1, 0)).shape).toEqual([3, 0, 3]);
});

test("rows that are not there are refused", () => {
  for (const index of [-1, 2])
    expect(() => takeRows(zeros([2, 3]), Int32Array.of(0, index))).toThrow(AdvectError);
  expect(() => takeRows(zeros([]), Int32Array.of(0))).toThrow(AdvectError);
});
