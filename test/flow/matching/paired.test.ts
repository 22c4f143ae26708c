import { expect, test } from "vitest";
import { array } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { type Coupling, classwiseOT, exactOT } from "../../../src/flow/coupling/index.ts";
import { paired } from "../../../src/flow/matching/index.ts";

const x0 = array([[0], [10], [20]]);
const x1 = array([[21], [1], [11]]);
const batch = { x0, x1, key: key(0) };

test("rows follow the pairs: x0 the source, everything else the target", () => {
  const reversed: Coupling = {
    name: "reversed",
    pair: () => ({ source: Int32Array.of(2, 2, 0), target: Int32Array.of(0, 1, 1) }),
  };
  const along = { label: array([5, 6, 7], "int32"), deep: [array([[1, 2], [3, 4], [5, 6]])] }; // biome-ignore format: one line
  const rows = paired(reversed, { ...batch, condition: array([0.1, 0.2, 0.3], "float64"), along });
  expect([...rows.x0.data]).toEqual([20, 20, 0]);
  expect([...rows.x1.data]).toEqual([21, 1, 1]);
  expect([...rows.condition!.data]).toEqual([0.1, 0.2, 0.2]);
  expect([...rows.along.label.data]).toEqual([5, 6, 6]);
  expect(rows.along.deep[0]).toEqual(array([[1, 2], [3, 4], [3, 4]])); // biome-ignore format: one line
});

test("optimal transport pairs neighbours, inside a class where labels say so", () => {
  expect([...paired(exactOT(), batch).x1.data]).toEqual([1, 11, 21]);
  const condition = array([1, 0, 1], "int32");
  const rows = paired(classwiseOT(), { ...batch, condition });
  expect([...rows.x1.data]).toEqual([11, 1, 21]);
  expect([...rows.condition!.data]).toEqual([1, 0, 1]);
});

test("what does not have a row for each x1 is refused", () => {
  const shape = expect.objectContaining({ kind: "shape" });
  expect(() => paired(exactOT(), { ...batch, along: { label: array([1, 2]) } })).toThrow(shape);
  expect(() => paired(exactOT(), { ...batch, along: array([1, 2, 3, 4]) })).toThrow(shape);
  expect(() => paired(exactOT(), { ...batch, condition: array([1, 2]) })).toThrow(shape);
  expect(() => paired(exactOT(), { ...batch, x0: array([[1]]) })).toThrow(shape);
  const broken = { ...batch, x0: array([[Number.NaN], [1], [2]]) };
  expect(() => paired(exactOT(), broken)).toThrow(expect.objectContaining({ kind: "numerical" }));
});
