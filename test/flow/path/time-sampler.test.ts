import { describe, expect, test } from "vitest";
import type { NdArray, Shape } from "../../../src/engine/array/index.ts";
import { key, normal, uniform } from "../../../src/engine/random/index.ts";
import { declarations, interpret, interpretGraph } from "../../../src/engine/tensor/index.ts";
import {
  betaTime,
  cosmapTime,
  edmSkewed,
  logitNormal,
  modeTime,
  stratified,
  type TimeSampler,
  uniformTime,
} from "../../../src/flow/path/index.ts";
import { doubles, slopeOf } from "./cases.ts";

const samplers: readonly TimeSampler[] = [
  uniformTime,
  logitNormal(),
  logitNormal({ mean: -0.8, std: 0.6 }),
  edmSkewed(),
  betaTime(),
  betaTime({ a: 3, cutoff: 1 }),
  modeTime(),
  modeTime({ scale: -0.7 }),
  cosmapTime,
];
const withDensity = samplers.filter(({ density }) => density);

const declared = (sampler: TimeSampler, shape: Shape) => {
  const { draw, declared: inputs } = declarations();
  return { t: sampler.sample(draw, shape), inputs };
};

/** What the sampler makes of a single draw. */
const mapped = (sampler: TimeSampler, value: number) => {
  const { t, inputs } = declared(sampler, [1]);
  return interpretGraph([t], new Map([[inputs[0]!, doubles([value])]]))[0]!.data[0]!;
};

/** Times from a key, with every declared draw filled as `compile` does. */
const times = (sampler: TimeSampler, shape: Shape, seed = "times") => {
  const { t, inputs } = declared(sampler, shape);
  const feeds = inputs.map((x): [typeof x, NdArray] => {
    const { name, distribution } = x.attributes;
    const from = key(seed).fold(name);
    return [x, distribution === "normal" ? normal(from, x.shape) : uniform(from, x.shape)];
  });
  return interpretGraph([t], new Map(feeds))[0]!.data;
};

describe.each(samplers)("$name", (sampler) => {
  test("draws times in [0, 1], of any shape, and declares them once", () => {
    const { t, inputs } = declared(sampler, [3, 4]);
    expect([t.shape, inputs.map(({ shape }) => shape), inputs.length]).toEqual([[3, 4], [[3, 4]], 1]);
    const drawn = times(sampler, [5000]);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(1);
    expect(new Set(drawn).size).toBeGreaterThan(4000);
  });

  test("maps draws to times monotonically, so that quantiles are mapped draws", () => {
    const { distribution } = declared(sampler, [1]).inputs[0]!.attributes;
    const draws = Array.from({ length: 40 }, (_, i) => (distribution === "normal" ? (i - 19.5) / 8 : i / 40));
    const slopes = draws
      .map((u, i) => (i === 0 ? 0 : mapped(sampler, u) - mapped(sampler, draws[i - 1]!)))
      .slice(1);
    expect(slopes.every((d) => d > 0) || slopes.every((d) => d < 0)).toBe(true);
  });
});

test.each(withDensity)("$name has the density of its draws, p(t) |dt/du| = p(u)", (sampler) => {
  const { distribution } = declared(sampler, [1]).inputs[0]!.attributes;
  const draws = distribution === "normal" ? [-1.5, -0.4, 0.3, 1.2] : [0.1, 0.35, 0.6, 0.9];
  for (const u of draws) {
    const t = mapped(sampler, u);
    const density = interpret(sampler.density!, doubles([t])).data[0]!;
    const slope = Math.abs(slopeOf((v) => mapped(sampler, v), u));
    const source = distribution === "normal" ? Math.exp(-(u ** 2) / 2) / Math.sqrt(2 * Math.PI) : 1;
    expect((density * slope) / source).toBeCloseTo(1, 7);
  }
});

test("betaTime has the mean of pi0's distribution, 0.999 (1 - 1.5 / 2.5)", () => {
  const drawn = times(betaTime(), [20_000]);
  const mean = drawn.reduce((a, b) => a + b, 0) / drawn.length;
  expect(Math.abs(mean - 0.999 * 0.4)).toBeLessThan((4 * 0.262) / Math.sqrt(drawn.length));
});

test("larger means of logitNormal lean to the data, and the scale of modeTime to the middle", () => {
  expect(mapped(logitNormal({ mean: 1 }), 0)).toBeCloseTo(1 / (1 + Math.exp(-1)), 14);
  const spread = (scale: number) => mapped(modeTime({ scale }), 0.2) - mapped(modeTime({ scale }), 0.8);
  expect(spread(1.29)).toBeLessThan(spread(0));
  expect(spread(-0.7)).toBeGreaterThan(spread(0));
  expect(mapped(modeTime({ scale: 0 }), 0.2)).toBeCloseTo(0.8, 14);
});

describe("stratified", () => {
  const [batch, tokens] = [16, 5];
  const columns = (drawn: Float64Array) =>
    Array.from({ length: tokens }, (_, j) => Array.from({ length: batch }, (_, i) => drawn[i * tokens + j]!));

  test("has one sample in each n-th, for every token", () => {
    for (const column of columns(times(stratified(uniformTime), [batch, tokens]))) {
      const strata = column.map((t) => Math.floor(t * batch)).sort((a, b) => a - b);
      expect(strata).toEqual(Array.from({ length: batch }, (_, i) => i));
      expect(new Set(column.map((t) => (t * batch) % 1)).size).toBe(batch);
    }
  });

  test("has no common stratum for the tokens of a sample, and none fixed for a sample", () => {
    const first = times(stratified(uniformTime), [batch, tokens]).slice(0, tokens);
    expect(new Set([...first].map((t) => Math.floor(t * batch))).size).toBeGreaterThan(1);
    const seeds = Array.from(
      { length: 20 },
      (_, i) => times(stratified(uniformTime), [batch], `seed${i}`)[0]!,
    );
    expect(new Set(seeds.map((t) => Math.floor(t * batch))).size).toBeGreaterThan(5);
  });

  test("keeps the distribution, with a mean at least ten times closer", () => {
    const errors = (sampler: TimeSampler) =>
      Array.from({ length: 40 }, (_, i) => {
        const drawn = times(sampler, [64], `mean${i}`);
        return (drawn.reduce((a, b) => a + b, 0) / 64 - 0.999 * 0.4) ** 2;
      }).reduce((a, b) => a + b, 0);
    expect(errors(stratified(betaTime()))).toBeLessThan(errors(betaTime()) / 100);
  });

  test("is told apart by name, keeps the density, and refuses normal draws", () => {
    expect(stratified(betaTime()).name).toBe("stratified beta(1.5, 1)");
    expect(stratified(cosmapTime).density).toBe(cosmapTime.density);
    const { draw } = declarations();
    expect(() => stratified(logitNormal()).sample(draw, [4])).toThrow(
      "stratified: expected a sampler that maps uniform draws, got logitNormal(0, 1). Stratify uniformTime",
    );
    expect(() => stratified(uniformTime).sample(draw, [])).toThrow("stratified: expected times of shape");
  });
});

test("options outside their ranges are refused", () => {
  expect(() => logitNormal({ std: 0 })).toThrow("logitNormal: expected");
  expect(() => logitNormal({ mean: Number.NaN })).toThrow("got [mean NaN, std 1]");
  expect(() => edmSkewed({ std: -1 })).toThrow("edmSkewed");
  expect(() => betaTime({ a: 0 })).toThrow("betaTime");
  for (const cutoff of [0, 1.1]) expect(() => betaTime({ cutoff })).toThrow("betaTime");
  for (const scale of [-1.1, 1.8]) expect(() => modeTime({ scale })).toThrow("modeTime");
});
