import { expect, test } from "vitest";
import { array } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import { fourierFeatures, sinusoidalEmbedding, timestepEmbedding } from "../../../src/nn/index.ts";
import { checkGradient, checkSecondDerivative, sample } from "../../helpers/gradcheck.ts";

const embeddings = [
  { name: "sinusoidalEmbedding", fn: (x: Tensor) => sinusoidalEmbedding(x, { size: 6, maxPeriod: 50 }) },
  { name: "timestepEmbedding", fn: (x: Tensor) => timestepEmbedding(x, { size: 6, maxPeriod: 50 }) },
  { name: "fourierFeatures", fn: fourierFeatures({ inputs: 3, size: 6, std: 0.3, key: key(1) }) },
];

test.each(embeddings)("$name has the derivatives of finite differences", ({ fn }) => {
  checkGradient(fn, [sample([2, 3], 1)]);
  checkSecondDerivative(fn, [sample([2, 3], 1)]);
});

test("each convention has its frequencies, order and ends", () => {
  const at = (fn: (x: Tensor) => Tensor) => [...interpret(fn, array([2], "float64")).data];
  const angles = (frequencies: number[]) => frequencies.map((f) => 2 * f);
  const first = angles([1, 100 ** -0.5, 1 / 100]);
  const second = angles([1, 100 ** (-1 / 3), 100 ** (-2 / 3)]);
  const close = (got: number[], want: number[]) =>
    got.forEach((value, i) => expect(value).toBeCloseTo(want[i]!, 12));
  close(
    at((x) => sinusoidalEmbedding(x, { size: 6, maxPeriod: 100 })),
    [...first.map(Math.sin), ...first.map(Math.cos)],
  );
  close(
    at((x) => timestepEmbedding(x, { size: 6, maxPeriod: 100 })),
    [...second.map(Math.cos), ...second.map(Math.sin)],
  );
});

test("Fourier features have norm sqrt(size / 2), and approximate a Gaussian kernel of their differences", () => {
  const fn = fourierFeatures({ inputs: 2, size: 20_000, std: 0.2, key: key(3) });
  const y = interpret(
    fn,
    array(
      [
        [0.3, -1],
        [0.7, -0.4],
      ],
      "float64",
    ),
  ).data;
  const [a, b] = [y.slice(0, 20_000), y.slice(20_000)];
  const product = (u: Float64Array, v: Float64Array) =>
    u.reduce((total, value, i) => total + value * v[i]!, 0) / 10_000;
  expect(product(a, a)).toBeCloseTo(1, 10);
  expect(product(a, b)).toBeCloseTo(Math.exp(-0.5 * (2 * Math.PI * 0.2) ** 2 * (0.4 ** 2 + 0.6 ** 2)), 1);
});

test("frequencies depend on the key only", () => {
  const of = (seed: number) =>
    interpret(fourierFeatures({ inputs: 2, size: 4, key: key(seed) }), array([[1, 2]], "float64")).data;
  expect(of(1)).toEqual(of(1));
  expect(of(1)).not.toEqual(of(2));
});

test("odd sizes are refused", () => {
  const run = (fn: (x: Tensor) => Tensor) => () => interpret(fn, array([1], "float64"));
  expect(run((x) => sinusoidalEmbedding(x, { size: 5 }))).toThrow(
    "sinusoidalEmbedding: expected an even size of at least 4, got 5.",
  );
  expect(run((x) => timestepEmbedding(x, { size: 3 }))).toThrow("timestepEmbedding: expected an even size");
  expect(() => fourierFeatures({ inputs: 1, size: 3, key: key(1) })).toThrow(
    "fourierFeatures: expected an even size",
  );
});
