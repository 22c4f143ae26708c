import { expect, test } from "vitest";
import type { NdArray } from "../../../src/engine/array/index.ts";
import { key, normal } from "../../../src/engine/random/index.ts";
import { interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import {
  denoise,
  diffusionRate,
  probabilityFlow,
  scoreField,
  spacedTimes,
} from "../../../src/flow/diffusion/index.ts";
import type { Scheduler } from "../../../src/flow/path/index.ts";
import { integrate, midpoint, solveSde, uniformGrid } from "../../../src/flow/solver/index.ts";
import {
  doubles,
  type Gaussian,
  hostField,
  linear,
  moments,
  perfect,
  predictions,
  squaredCosine,
} from "./cases.ts";

const times = spacedTimes(linear, { count: 10 });

/** The probability flow of Gaussian data keeps (x - mean) / std: where it takes `start`. */
function transported(
  { mean, std }: Gaussian,
  scheduler: Scheduler,
  { start, from, to }: { readonly start: NdArray; readonly from: number; readonly to: number },
): number[] {
  const { alpha, sigma } = interpret((t: Tensor) => scheduler.at(t), doubles([from, to]));
  const [first, last] = [0, 1].map((i) => ({
    mean: alpha.data[i]! * mean,
    std: Math.hypot(alpha.data[i]! * std, sigma.data[i]!),
  }));
  return Array.from(start.data, (x) => last!.mean + (last!.std / first!.std) * (x - first!.mean));
}

test.each(predictions)(
  "ddim tends to the probability flow, at first order, of a network for the %s",
  (prediction) => {
    const data = { mean: 0.8, std: 0.5 };
    const trained = { scheduler: squaredCosine, prediction };
    const network = perfect(data, squaredCosine, prediction);
    const grid = (steps: number) => uniformGrid(steps).map((u) => 0.1 + 0.8 * u);
    const start = doubles([-1.2, 0.4], [2, 1]);
    const { flow, ...ddims } = interpret((x: Tensor) => {
      const by = (steps: number) => denoise(network, x, { ...trained, times: grid(steps) }).x;
      const { x: end } = integrate(probabilityFlow(network, trained), x, {
        times: grid(80),
        solver: midpoint,
      });
      return { flow: end, coarse: by(40), fine: by(160) };
    }, start);
    const exact = transported(data, squaredCosine, { start, from: 0.1, to: 0.9 });
    const error = (x: NdArray) => Math.max(...exact.map((value, k) => Math.abs(value - x.data[k]!)));
    expect(error(flow)).toBeLessThan(1e-3);
    expect(error(ddims.fine)).toBeLessThan(5e-3);
    expect(error(ddims.coarse) / error(ddims.fine)).toBeGreaterThan(3);
  },
);

test("the reverse-time equation gives the data's distribution, within the standard error", async () => {
  const data = { mean: 1, std: 0.6 };
  const trained = { scheduler: linear, prediction: "noise" } as const;
  const network = perfect(data, linear, "noise");
  const count = 2000;
  const { x } = await solveSde(
    {
      velocity: hostField(probabilityFlow(network, trained)),
      score: hostField(scoreField(network, trained)),
      diffusion: diffusionRate(linear),
    },
    normal(key("sde"), [count, 1]),
    { times: uniformGrid(100).slice(0, -1), key: key("noise") },
  );
  const { mean, variance } = moments(x);
  expect(Math.abs(mean - 1)).toBeLessThan(4 * (0.6 / Math.sqrt(count)) + 0.01);
  expect(Math.abs(variance / 0.36 - 1)).toBeLessThan(4 * Math.sqrt(2 / count) + 0.05);
});

test("the perfect networks agree, so that one word changes what is learned and not what is sampled", () => {
  const data = { mean: -0.5, std: 0.8 };
  const samples = predictions.map((prediction) => {
    const network = perfect(data, linear, prediction);
    const options = { scheduler: linear, prediction, times: [0.05, ...times.slice(1)] };
    return interpret((x: Tensor) => denoise(network, x, options).x, doubles([0.3, -2], [2, 1])).data;
  });
  for (const sample of samples) {
    expect([...sample]).toEqual([...samples[0]!].map((value) => expect.closeTo(value, 6)));
  }
});
