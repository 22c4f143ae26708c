import { expect, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import { type Device, evaluate } from "../../../src/engine/runtime/index.ts";
import { softplus, type Tensor } from "../../../src/engine/tensor/index.ts";

const exact = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const ofNumbers = (x: Tensor) => softplus(x);

test.each(["cpu", "wasm"] as const satisfies Device[])(
  "softplus on %s is exact to 3e-7 of itself, also where it is tiny",
  async (device) => {
    const count = 40_001;
    const x = Float32Array.from({ length: count }, (_, i) => -80 + (160 * i) / (count - 1));
    const { data } = await evaluate(ofNumbers, [ndarray(x, [count])], { device });
    const errors = Array.from(x, (value, i) => Math.abs(data[i]! / exact(value) - 1));
    expect(Math.max(...errors)).toBeLessThan(3e-7);
  },
);

test("softplus of what is not finite is as by definition", async () => {
  const x = Float32Array.of(Number.NEGATIVE_INFINITY, -1e30, 1e30, Number.POSITIVE_INFINITY, Number.NaN);
  const { data } = await evaluate(ofNumbers, [ndarray(x, [5])]);
  expect([...data]).toEqual([0, 0, Math.fround(1e30), Number.POSITIVE_INFINITY, Number.NaN]);
});
