import { expect, test } from "vitest";
import { ddim, ddpm, posteriorVariances, renoise } from "../../../src/flow/diffusion/index.ts";

const levels = { from: { alpha: 0.6, sigma: 0.8 }, to: { alpha: 0.8, sigma: 0.6 } };

test("posterior variances are those of Bayes' rule", () => {
  const { small, large } = posteriorVariances(levels);
  const precision = 1 / 0.36 + (0.6 / 0.8) ** 2 / large;
  expect(small).toBeCloseTo(1 / precision, 12);
  expect(large).toBeCloseTo(1 - (0.6 / 0.8) ** 2, 12);
});

test("ddim(1) is ddpm with the small variance, and noise adds up to the level", () => {
  expect(ddim({ eta: 1 }).weights(levels)).toEqual(ddpm().weights(levels));
  for (const transition of [ddim(), ddim({ eta: 0.3 }), ddpm(), renoise]) {
    const { target, noise, std } = transition.weights(levels);
    expect(target).toBe(0.8);
    expect(noise ** 2 + std ** 2).toBeCloseTo(0.36, 12);
  }
});

test("a number goes from the small to the large variance by logarithms", () => {
  const { small, large } = posteriorVariances(levels);
  expect(ddpm({ variance: 0 }).weights(levels).std ** 2).toBeCloseTo(small, 12);
  expect(ddpm({ variance: 1 }).weights(levels).std ** 2).toBeCloseTo(large, 12);
  expect(ddpm({ variance: 0.5 }).weights(levels).std ** 2).toBeCloseTo(Math.sqrt(small * large), 12);
});

test("none of them adds noise on arrival at the data", () => {
  const to = { alpha: 1, sigma: 6e-17 };
  for (const transition of [ddim({ eta: 1 }), ddpm(), ddpm({ variance: "large" }), renoise]) {
    expect(transition.weights({ from: levels.from, to }).std).toBe(0);
  }
});

test("refuses an eta or a variance outside of [0, 1]", () => {
  expect(() => ddim({ eta: 1.1 })).toThrow("ddim: expected eta in [0, 1], got 1.1");
  expect(() => ddpm({ variance: Number.NaN })).toThrow("ddpm: expected variance");
  expect(() => ddpm({ variance: "learned" as "small" })).toThrow("ddpm");
});
