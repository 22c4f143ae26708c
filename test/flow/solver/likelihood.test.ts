import { describe, expect, test } from "vitest";
import { array, ndarray } from "../../../src/engine/array/index.ts";
import { key, normal, rademacher } from "../../../src/engine/random/index.ts";
import { compile, spec } from "../../../src/engine/runtime/index.ts";
import { constant, grad, interpret, reshape, sum, type Tensor } from "../../../src/engine/tensor/index.ts";
import * as solver from "../../../src/flow/solver/index.ts";
import { goldenField, onNumbers } from "./fields.ts";

const { bitsPerDimension, logLikelihood, sampleWithLikelihood, withDivergence } = solver;
const [mean, std] = [1.3, 0.5];
/** The marginal velocity from N(0, 1) to N(mean, std^2) elementwise; for events of any shape. */
const gauss = goldenField({ type: "gauss", m: mean, s: std });
const shaped = (x: Tensor, t: Tensor) =>
  reshape(gauss(reshape(x, [x.shape[0]!, x.size / x.shape[0]!]), t), x.shape);

const logNormal = (x: number) =>
  -((x - mean) ** 2) / (2 * std ** 2) - Math.log(std) - Math.log(2 * Math.PI) / 2;
const x1 = ndarray(Float64Array.of(1.1, 0.4, 2, -0.3, 1.3, 1.9, 0, 3), [2, 2, 2], "float64");
const truth = [x1.data.subarray(0, 4), x1.data.subarray(4)].map((row) =>
  row.reduce((total, x) => total + logNormal(x), 0),
);
const control = solver.adaptive({ relative: 1e-8, absolute: 1e-8, norm: solver.twoParts });
const bits = (logs: ArrayLike<number>) => Array.from(logs, (log) => bitsPerDimension(log, { size: 4 }));

describe("Gaussian to Gaussian", () => {
  const field = onNumbers(withDivergence(shaped, { event: [2, 2] }));

  test("the likelihood is the closed form to 1e-4 bits, and x0 is (x1 - mean) / std", async () => {
    const result = await logLikelihood(field, x1, { control });
    bits(truth).forEach((want, i) => {
      expect(Math.abs(bits(result.logLikelihood.data)[i]! - want)).toBeLessThan(1e-4);
    });
    const source = x1.data.map((x) => (x - mean) / std);
    expect([...result.x.data]).toEqual([...source].map((x) => expect.closeTo(x, 6)));
  });

  test("sampling with likelihood is its inverse", async () => {
    const back = await logLikelihood(field, x1, { control });
    const forth = await sampleWithLikelihood(field, back.x, { control });
    expect([...forth.x.data]).toEqual([...x1.data].map((x) => expect.closeTo(x, 6)));
    expect([...forth.logLikelihood.data]).toEqual(truth.map((log) => expect.closeTo(log, 6)));
  });

  test("with one step size for each sample too", async () => {
    const perSample = solver.adaptive({ relative: 1e-8, absolute: 1e-8, norm: solver.twoPartsPerSample });
    const result = await logLikelihood(field, x1, { control: perSample });
    expect(result.report.groups).toHaveLength(2);
    expect([...result.logLikelihood.data]).toEqual(truth.map((log) => expect.closeTo(log, 6)));
  });

  test("a sample that stops early has no likelihood", async () => {
    const short = solver.adaptive({ maxSteps: 2, norm: solver.twoParts });
    const result = await logLikelihood(field, x1, { control: short });
    expect(result.report.reason).toBe("steps");
    expect([...result.logLikelihood.data]).toEqual([Number.NaN, Number.NaN]);
  });

  test("compiled in float32, to 1e-4 bits", async () => {
    using compiled = await compile(withDivergence(shaped, { event: [2, 2] }), [spec([2, 5]), spec([2])]);
    const single = ndarray(Float32Array.from(x1.data), x1.shape);
    const result = await logLikelihood(compiled, single);
    bits(truth).forEach((want, i) => {
      expect(Math.abs(bits(result.logLikelihood.data)[i]! - want)).toBeLessThan(1e-4);
    });
  });
});

test.each([
  ["Rademacher", rademacher],
  ["Gaussian", normal],
] as const)("%s probes estimate the likelihood of a field that mixes elements", async (_, draw) => {
  const A = { shape: [2, 2], data: [-0.5, 1.2, -1, -0.3] };
  const field = goldenField({ type: "linear", A, b: { shape: [2], data: [0.1, -0.2] } });
  const x = ndarray(
    Float64Array.from(Array.from({ length: 200 }, () => [0.3, -0.7]).flat()),
    [200, 2],
    "float64",
  );
  const exact = await logLikelihood(onNumbers(withDivergence(field, { event: [2] })), x);
  const probes = constant(
    ndarray(Float64Array.from(draw(key("probes"), [4, 200, 2]).data), [4, 200, 2], "float64"),
  );
  const estimated = await logLikelihood(onNumbers(withDivergence(field, { event: [2], probes })), x);
  const logs = [...estimated.logLikelihood.data];
  const average = logs.reduce((a, b) => a + b) / 200;
  const deviation = Math.sqrt(logs.reduce((a, b) => a + (b - average) ** 2, 0) / 199);
  expect(deviation).toBeGreaterThan(0.01);
  expect(Math.abs(average - exact.logLikelihood.data[0]!)).toBeLessThan((4 * deviation) / Math.sqrt(200));
});

test("the unrolled likelihood can be differentiated", () => {
  const density = withDivergence(gauss, { event: [1] });
  const change = (x: Tensor) =>
    solver.integrate(density, x, { times: solver.uniformGrid(40).reverse(), solver: solver.rk4 }).x;
  const slope = interpret(
    (x: Tensor) => {
      const end = change(x);
      const [x0, l] = [end.slice({ axis: 1, stop: 1 }), end.slice({ axis: 1, start: 1 })];
      return grad(sum(x0.mul(x0).mul(-0.5).add(l)), x);
    },
    array([[0.4, 0]], "float64"),
  );
  expect(slope.data[0]).toBeCloseTo(-(0.4 - mean) / std ** 2, 4);
});

test("bits per dimension: a uniform density over 256 bins costs 8 bits", () => {
  expect(bitsPerDimension(3 * Math.log(1 / 2), { size: 3, binWidth: 2 / 256 })).toBeCloseTo(8, 12);
  expect(() => bitsPerDimension(1, { size: 0 })).toThrow("size");
});
