import { expect, test } from "vitest";
import { clipCoefficient, globalNorm } from "../../src/train/index.ts";
import { expectClose, golden, type Numbers } from "./golden.ts";

interface Inputs {
  readonly max_norm: number;
  readonly grads: readonly Numbers[];
}

const cases = golden<Inputs, { total_norm: number; grads: readonly Numbers[] }>(
  "optimizers",
  "clip_grad_norm",
);

test.each(cases)("$name scales all tensors by one factor", ({ inputs, expected }) => {
  const gradient = Float64Array.from(inputs.grads.flatMap(({ data }) => data));
  const norm = globalNorm(gradient);
  expectClose([norm], [expected.total_norm], "norm");
  const scale = clipCoefficient({ norm, maxNorm: inputs.max_norm });
  expectClose(
    gradient.map((g) => scale * g),
    expected.grads.flatMap(({ data }) => data),
    "clipped",
  );
});

test("a gradient within the limit is left as it is, to the bit", () => {
  expect(clipCoefficient({ norm: 0.5, maxNorm: 1 })).toBe(1);
  expect(clipCoefficient({ norm: 0, maxNorm: 1 })).toBe(1);
  expect(clipCoefficient({ norm: 1e30, maxNorm: Infinity })).toBe(1);
});

test("the norm shows an element that is not finite", () => {
  expect(globalNorm(new Float32Array([1, Number.NaN]))).toBeNaN();
  expect(globalNorm(new Float32Array([1, -Infinity]))).toBe(Infinity);
  expect(clipCoefficient({ norm: Number.NaN, maxNorm: 1 })).toBeNaN();
  expect(clipCoefficient({ norm: Infinity, maxNorm: 1 })).toBe(0);
});

test.each([0, -1, Number.NaN])("maxNorm %d is refused", (maxNorm) => {
  expect(() => clipCoefficient({ norm: 1, maxNorm })).toThrow(
    expect.objectContaining({ kind: "option", message: expect.stringContaining("maxNorm") }),
  );
});
