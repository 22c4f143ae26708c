import { describe, expect, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import { key, normal } from "../../../src/engine/random/index.ts";
import { eulerMaruyama, solveSde, stochasticHeun, uniformGrid } from "../../../src/flow/solver/index.ts";
import { elementwise } from "./fields.ts";

const [mean, std] = [1.3, 0.6];
/** x_t = t x1 + (1 - t) x0 with x0 ~ N(0, 1), x1 ~ N(mean, std^2): N(t mean, variance(t)) at t. */
const variance = (t: number) => (t * std) ** 2 + (1 - t) ** 2;
const velocity = elementwise((x, t) => mean + ((t * std ** 2 - (1 - t)) / variance(t)) * (x - t * mean));
const score = elementwise((x, t) => -(x - t * mean) / variance(t));

/** Mean and variance of the numbers. */
function moments(values: ArrayLike<number>): [number, number] {
  const list = Array.from(values);
  const average = list.reduce((a, b) => a + b, 0) / list.length;
  return [average, list.reduce((a, b) => a + (b - average) ** 2, 0) / list.length];
}

describe.each([eulerMaruyama, stochasticHeun])("$name", (solver) => {
  test.each([0, 0.8, 2])(
    "keeps the marginals of a Gaussian path, g = %d, within the standard error",
    async (g) => {
      const count = 10_000;
      const x0 = ndarray(Float64Array.from(normal(key("source"), [count, 1]).data), [count, 1], "float64");
      const field = { velocity, score, diffusion: () => g };
      const options = { times: uniformGrid(200).map((u) => 0.9 * u), key: key("noise"), solver };
      const { x, nfe } = await solveSde(field, x0, options);
      const [average, spread] = moments(x.data);
      const want = variance(0.9);
      expect(Math.abs(average - 0.9 * mean)).toBeLessThan(4 * Math.sqrt(want / count) + 0.006);
      expect(Math.abs(spread / want - 1)).toBeLessThan(4 * Math.sqrt(2 / count) + 0.02);
      expect(nfe).toBe(200 * solver.stages * (g === 0 ? 1 : 2));
    },
  );
});

describe("an Ornstein-Uhlenbeck process dx = -x dt + sqrt(2) dW", () => {
  const still = elementwise(() => 0);
  const standard = elementwise((x) => -x);
  const field = { velocity: still, score: standard, diffusion: () => Math.SQRT2 };

  /**
   * The variance after time 1 from x = 0, without sampling error: the step is linear in x and in the noise, so that
   * feeding one unit of noise at one step at a time gives its coefficients.
   */
  async function varianceOf(solver: typeof eulerMaruyama, steps: number): Promise<number> {
    const x0 = ndarray(new Float64Array(steps), [steps, 1], "float64");
    const unit = (step: number) =>
      ndarray(
        Float64Array.from({ length: steps }, (_, i) => (i === step ? 1 : 0)),
        [steps, 1],
        "float64",
      );
    const { x } = await solveSde(field, x0, { times: uniformGrid(steps), key: key(0), solver, noise: unit });
    return (x.data as Float64Array).reduce((total, value) => total + value ** 2, 0);
  }

  test.each([
    { solver: eulerMaruyama, order: 1 },
    { solver: stochasticHeun, order: 2 },
  ])("$solver.name has weak order $order", async ({ solver, order }) => {
    const truth = 1 - Math.exp(-2);
    const errors = [await varianceOf(solver, 16), await varianceOf(solver, 32)].map((v) =>
      Math.abs(v - truth),
    );
    const observed = Math.log2(errors[0]! / errors[1]!);
    expect(observed).toBeGreaterThan(order - 0.2);
    expect(observed).toBeLessThan(order + 0.3);
  });
});

test("one Euler-Maruyama step is x + (v + g^2 / 2 score) dt + g sqrt(dt) noise", async () => {
  const x0 = ndarray(Float64Array.of(0.3358), [1, 1], "float64");
  const field = { velocity, score, diffusion: () => 0.8 };
  const noise = () => ndarray(Float64Array.of(1.4887), [1, 1], "float64");
  const { x } = await solveSde(field, x0, { times: [0.02, 0.116], key: key(0), noise });
  expect(x.data[0]).toBeCloseTo(0.7895771983613487, 12); // derived_formulas, sde_euler_maruyama_gaussian
});

test("the same key gives the same samples, another key others", async () => {
  const x0 = normal(key("start"), [4, 2]);
  const run = async (seed: string) => {
    const field = { velocity, score, diffusion: (t: number) => 1 - t };
    return [...(await solveSde(field, x0, { times: uniformGrid(5), key: key(seed) })).x.data];
  };
  expect(await run("a")).toEqual(await run("a"));
  expect(await run("a")).not.toEqual(await run("b"));
});

test("a field that turns NaN ends it with the last finite state", async () => {
  const broken = elementwise((_, t) => (t > 0.45 ? Number.NaN : 1));
  const field = { velocity: broken, score, diffusion: () => 0 };
  const x0 = ndarray(Float64Array.of(0), [1, 1], "float64");
  const report = await solveSde(field, x0, { times: uniformGrid(10), key: key(0) });
  expect(report).toMatchObject({ reason: "nonFinite", time: 0.5 });
  expect(report.x.data[0]).toBeCloseTo(0.5, 12);
});

test("times must ascend", async () => {
  const field = { velocity, score, diffusion: () => 1 };
  await expect(solveSde(field, normal(key(1), [1, 1]), { times: [1, 0], key: key(0) })).rejects.toThrow(
    "forward",
  );
});
