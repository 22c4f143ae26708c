import { expect, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import { encodeModel } from "../../../src/engine/onnx/index.ts";
import { loadOnnx } from "../../../src/engine/runtime/index.ts";
import * as t from "../../../src/engine/tensor/index.ts";
import { emitted, histogram, standard } from "./emitted.ts";

const own = { ...standard, ownSines: true };
const both = (x: t.Tensor) => [t.sin(x), t.cos(x)];
const count = 20_001;

test("sines of a device whose own are rough are made of products, with the reduction shared", () => {
  const counts = histogram(emitted(both, [[4]], own));
  expect(Object.keys(counts)).toEqual(["Add", "Floor", "Mul", "Sub"]);
  expect(histogram(emitted(both, [[4]]))).toEqual({ Cos: 1, Sin: 1 });
});

test.each([Math.PI, 100, 8000])("they are exact to 1.6e-7 up to %d radians", async (limit) => {
  using model = await loadOnnx(encodeModel(emitted(both, [[count]], own)));
  const radians = Float32Array.from({ length: count }, (_, i) => limit * ((2 * i) / (count - 1) - 1));
  const { out0, out1 } = await model({ 0: ndarray(radians, [count]) });
  const errorOf = (got: ArrayLike<number>, exact: (x: number) => number) =>
    Math.max(...radians.map((x, i) => Math.abs(got[i]! - exact(x))));
  expect(errorOf(out0!.data as Float32Array, Math.sin)).toBeLessThan(1.6e-7);
  expect(errorOf(out1!.data as Float32Array, Math.cos)).toBeLessThan(1.6e-7);
});

test("the sine of a small number is that number, and of none it is none", async () => {
  using model = await loadOnnx(encodeModel(emitted((x) => t.sin(x), [[4]], own)));
  const radians = Float32Array.of(0, 1e-30, -1e-6, Number.NaN);
  const { out0 } = await model({ 0: ndarray(radians, [4]) });
  expect([...out0!.data]).toEqual([...radians]);
});
