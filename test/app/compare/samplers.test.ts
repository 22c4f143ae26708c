import { describe, expect, test } from "vitest";
import { type MethodName, methodNames, methods } from "../../../src/app/compare/index.ts";
import { states } from "../../../src/app/compare/samplers.ts";
import { levels } from "../../../src/app/compare/trainings.ts";
import { key, normal } from "../../../src/engine/random/index.ts";
import { evaluate, random, spec, trace } from "../../../src/engine/runtime/index.ts";
import { add, type Draw, div, mul, sqrt, sub, type Tensor } from "../../../src/engine/tensor/index.ts";
import { predictionOf } from "../../../src/flow/diffusion/index.ts";
import { alongEvent } from "../../../src/flow/field/index.ts";
import type { AverageVelocity } from "../../../src/flow/matching/index.ts";
import { coefficientsAt, condOT, type Scheduler, vp } from "../../../src/flow/path/index.ts";

describe.each(methodNames)("the sampler of %s", (name) => {
  const { sampler, stochastic } = methods[name];

  test.each([1, 5, 20])("goes from 0 to 1 in %i calls of the network", (nfe) => {
    const times = sampler.times(nfe);
    expect([times[0], times.at(-1), times.length]).toEqual([0, 1, nfe + 1]);
    let calls = 0;
    const counted: AverageVelocity = (x) => {
      calls++;
      return mul(x, 0.1);
    };
    const { draws } = trace(
      (x: Tensor, draw: Draw) => states(sampler, counted, x, { nfe, draw }),
      [spec([3, 2]), random],
    );
    expect(calls).toBe(nfe);
    expect(draws.length).toBe(stochastic ? nfe - 1 : 0);
  });
});

describe("with a network that knows the data, N(0, 1/4)", () => {
  const std = 0.5;
  const x0 = normal(key("x0"), [2000, 2]);

  /** E[x1 | xt] and E[x0 | xt]. */
  const ends = (scheduler: Scheduler, x: Tensor, t: Tensor) => {
    const { alpha, sigma } = coefficientsAt("test", scheduler, { x, t });
    const variance = add(mul(mul(alpha, alpha), std ** 2), mul(sigma, sigma));
    return { x1: div(mul(mul(x, alpha), std ** 2), variance), x0: div(mul(x, sigma), variance) };
  };
  const says =
    (scheduler: Scheduler, to: "velocity" | "v"): AverageVelocity =>
    (x, { from: t }) =>
      predictionOf(scheduler, { ...ends(scheduler, x, t), t, to });

  /** x0 sqrt((1 - t)^2 + std^2 t^2) is where straight paths carry x0. */
  const average: AverageVelocity = (x, { from, to }) => {
    const size = (t: Tensor) => {
      const rest = sub(1, t);
      return sqrt(add(mul(rest, rest), mul(mul(t, t), std ** 2)));
    };
    const rate = div(sub(div(size(to), size(from)), 1), sub(to, from));
    return mul(x, alongEvent("test", rate, x));
  };

  const samples = async (name: MethodName, network: AverageVelocity, nfe: number) => {
    const { sampler } = methods[name];
    const fn = (x: Tensor, draw: Draw) => states(sampler, network, x, { nfe, draw }).at(-1)!;
    return (await evaluate(fn, [x0, key("sampler")])).data as Float32Array;
  };
  /** From std x0, where every exact flow carries x0: the largest over the samples, by the size of x0. */
  const error = async (...given: Parameters<typeof samples>) =>
    (await samples(...given)).reduce(
      (most, value, i) => Math.max(most, Math.abs(value / x0.data[i]! - std)),
      0,
    );

  test.each([
    ["flow", says(condOT, "velocity")],
    ["vp", says(vp(), "velocity")],
    ["ddim", says(levels, "v")],
  ] as const)("%s comes to std x0, with an error that falls as 1 / nfe", async (name, network) => {
    const [coarse, fine] = [await error(name, network, 20), await error(name, network, 40)];
    expect(fine).toBeLessThan(0.05);
    expect(coarse / fine).toBeGreaterThan(1.7);
    expect(coarse / fine).toBeLessThan(2.3);
  });

  test("mean-flow comes there in one jump", async () => {
    expect(await error("mean-flow", average, 1)).toBeLessThan(1e-5);
    expect(await error("mean-flow", average, 5)).toBeLessThan(1e-5);
  });

  test("ddpm comes to the distribution of the data, wherever it starts, slowly", async () => {
    const network = says(levels, "v");
    const spread = async (nfe: number) => {
      const values = await samples("ddpm", network, nfe);
      return values.reduce((sum, value) => sum + value * value, 0) / values.length / std ** 2;
    };
    const [coarse, fine] = [await spread(10), await spread(50)];
    expect(fine).toBeGreaterThan(0.7);
    expect(fine).toBeLessThan(1);
    expect((1 - coarse) / (1 - fine)).toBeGreaterThan(2);

    const values = await samples("ddpm", network, 50);
    const product = values.reduce((sum, value, i) => sum + value * x0.data[i]!, 0) / values.length;
    expect(Math.abs(product)).toBeLessThan((4 * std) / Math.sqrt(values.length));
  });
});
