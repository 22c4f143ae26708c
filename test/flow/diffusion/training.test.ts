import { expect, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import { type Key, key, normal, rademacher } from "../../../src/engine/random/index.ts";
import { compile, random, spec, specOf } from "../../../src/engine/runtime/index.ts";
import type { Draw, Tensor } from "../../../src/engine/tensor/index.ts";
import {
  ddim,
  ddpm,
  denoise,
  diffusionMatching,
  probabilityFlow,
  spacedTimes,
} from "../../../src/flow/diffusion/index.ts";
import { integrate } from "../../../src/flow/solver/index.ts";
import { type MlpParams, mlp } from "../../../src/nn/index.ts";
import { cosineRate, trainer } from "../../../src/train/index.ts";
import { squaredCosine as scheduler } from "./cases.ts";

const model = mlp({ size: 1, hidden: 48, depth: 2 });
const [batch, steps, count] = [256, 500, 1000];

/** Half of the data near 1, half near -1, with a deviation of 0.1. */
function twoPeaks(seed: Key) {
  const noise = normal(seed.fold("width"), [batch, 1], { std: 0.1 });
  const side = rademacher(seed.fold("side"), [batch, 1]);
  return ndarray(
    noise.data.map((value, i) => value + side.data[i]!),
    [batch, 1],
  );
}

/** Of the samples: how many are near a peak, how many are on the right. */
function shares(data: ArrayLike<number>) {
  const samples = Array.from(data);
  const share = (holds: (value: number) => boolean) => samples.filter(holds).length / samples.length;
  return { near: share((x) => Math.abs(Math.abs(x) - 1) < 0.4), right: share((x) => x > 0) };
}

test.each(["noise", "target", "velocity", "v"] as const)(
  "a network for the %s samples both peaks, by ddpm, by ddim and as a flow",
  async (prediction) => {
    const objective = diffusionMatching({ scheduler, prediction });
    using training = await trainer({
      params: model.init(key("init")),
      loss: (p: MlpParams, x1: Tensor, draw: Draw) => objective((x, t) => model.apply(p, x, t), { x1 }, draw),
      signature: [spec([batch, 1]), random],
      learningRate: cosineRate({ from: 1e-2, steps }),
    });
    for (let i = 0; i < steps; i++) await training.step(twoPeaks(key("data").fold(i)), key("loss").fold(i));
    const { params } = training.snapshot();
    // At the first level a network for the noise says nothing of the data: alpha is 5e-4 there, and 0.09 here.
    const times = spacedTimes(scheduler, { count: 50 }).slice(3);
    using sample = await compile(
      (p: MlpParams, x0: Tensor, draw: Draw) => {
        const network = (x: Tensor, t: Tensor) => model.apply(p, x, t);
        const by = { scheduler, prediction, times, clip: 1.5, draw };
        const flow = probabilityFlow(network, { scheduler, prediction });
        return {
          ddpm: denoise(network, x0, { ...by, transition: ddpm() }).x,
          ddim: denoise(network, x0, { ...by, transition: ddim() }).x,
          flow: integrate(flow, x0, { times }).x,
        };
      },
      [specOf(params), spec([count, 1]), random],
    );
    const samples = await sample(params, normal(key("x0"), [count, 1]), key("noise"));
    for (const { data } of Object.values(samples)) {
      const { near, right } = shares(data);
      expect(near).toBeGreaterThan(0.9);
      expect(Math.abs(right - 0.5)).toBeLessThan(0.1);
    }
  },
);
