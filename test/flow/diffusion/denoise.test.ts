import { describe, expect, test } from "vitest";
import { array, type NdArray } from "../../../src/engine/array/index.ts";
import { key, normal } from "../../../src/engine/random/index.ts";
import { compile, random, spec } from "../../../src/engine/runtime/index.ts";
import { constant, type Draw, expandDims, interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import {
  type Denoising,
  ddim,
  ddpm,
  denoise,
  type Network,
  renoise,
  solveDenoising,
  spacedTimes,
  type Transition,
} from "../../../src/flow/diffusion/index.ts";
import { condOT, type Scheduler } from "../../../src/flow/path/index.ts";
import { uniformGrid } from "../../../src/flow/solver/index.ts";
import {
  doubles,
  drawn,
  type Gaussian,
  hostField,
  linear,
  moments,
  perfect,
  squaredCosine,
} from "./cases.ts";

const times = spacedTimes(linear, { count: 10 });

/** Mean and variance of x at the end of a sampler with linear steps, in closed form: x' = A x + b + std z for each. */
function chain(data: Gaussian, scheduler: Scheduler, options: Omit<Denoising, "scheduler" | "prediction">) {
  const network = perfect(data, scheduler, "target");
  let [mean, variance] = [0, 1];
  options.times.slice(0, -1).forEach((t, i) => {
    const pair = { ...options, times: [t, options.times[i + 1]!], scheduler, prediction: "target" as const };
    const ends = [0, 1].map((x) =>
      drawnWith(0, (draw) => denoise(network, constant(doubles([x])), { ...pair, draw }).x),
    );
    const shifted = drawnWith(1, (draw) => denoise(network, constant(doubles([0])), { ...pair, draw }).x);
    const slope = ends[1]! - ends[0]!;
    mean = slope * mean + ends[0]!;
    variance = slope ** 2 * variance + (shifted - ends[0]!) ** 2;
  });
  return { mean, variance };
}

/** The value where every draw is z. */
function drawnWith(z: number, fn: (draw: Draw) => Tensor): number {
  const draw = { normal: () => constant(doubles([z])) } as unknown as Draw;
  return interpret(() => fn(draw)).data[0]!;
}

describe("Gaussian data, in closed form", () => {
  test("the large variance keeps standard normal data exactly, at any spacing", () => {
    for (const count of [1, 3, 10, 100]) {
      const kept = spacedTimes(linear, { count });
      const { mean, variance } = chain({ mean: 0, std: 1 }, linear, {
        times: kept,
        transition: ddpm({ variance: "large" }),
      });
      expect(mean).toBeCloseTo(0, 12);
      // The last transition is without noise: it leaves the mean of what is known at the last level.
      const { alpha } = interpret((t: Tensor) => linear.at(t), doubles([kept.at(-2)!]));
      expect(variance).toBeCloseTo(alpha.data[0]! ** 2, 10);
    }
  });

  test("one data point is found exactly, by every transition", () => {
    for (const transition of [ddpm(), ddpm({ variance: "large" }), ddim(), ddim({ eta: 0.5 }), renoise]) {
      const { mean, variance } = chain({ mean: 1.5, std: 0 }, squaredCosine, {
        times: spacedTimes(squaredCosine, { count: 7 }),
        transition,
      });
      expect(mean).toBeCloseTo(1.5, 10);
      expect(variance).toBeCloseTo(0, 10);
    }
  });

  test.each([ddpm(), ddim(), ddim({ eta: 0.7 }), ddpm({ variance: 0.5 })])(
    "$name nears the data's mean and variance at first order in the steps",
    (transition) => {
      const error = (steps: number) => {
        const times = uniformGrid(steps);
        const { mean, variance } = chain({ mean: 1, std: 0.6 }, condOT, { times, transition });
        return { mean: Math.abs(mean - 1), variance: Math.abs(variance - 0.36) };
      };
      const [coarse, fine] = [error(50), error(200)];
      expect(coarse.variance / fine.variance).toBeGreaterThan(2.5);
      expect(fine.variance).toBeLessThan(0.02);
      expect(fine.mean).toBeLessThan(0.02);
    },
  );
});

test("ancestral samples have the marginals of their chain, within the standard error", async () => {
  const data = { mean: 1, std: 0.6 };
  const count = 2000;
  const options = { scheduler: linear, prediction: "v" as const, times: spacedTimes(linear, { count: 100 }) };
  for (const transition of [ddpm(), ddpm({ variance: "large" }), ddim({ eta: 1 })]) {
    const { x } = await solveDenoising(
      hostField(perfect(data, linear, "v")),
      normal(key("start"), [count, 1]),
      { ...options, transition, key: key("chain") },
    );
    const got = moments(x);
    const want = chain(data, linear, { times: options.times, transition });
    expect(Math.abs(got.mean - want.mean)).toBeLessThan(4 * Math.sqrt(want.variance / count));
    expect(Math.abs(got.variance / want.variance - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    expect(Math.abs(want.mean - data.mean)).toBeLessThan(0.01);
    expect(Math.abs(Math.sqrt(want.variance) - data.std)).toBeLessThan(0.05);
  }
});

const wiggly: Network = (x, t) => x.mul(0.7).add(expandDims(t, 1).mul(3).sin());
const start = array([
  [0.3, -1.1],
  [0.8, 2],
]);
const run =
  (transition: Transition, extra: Partial<Denoising> = {}) =>
  (x: Tensor, draw: Draw) =>
    denoise(wiggly, x, { scheduler: linear, prediction: "noise", times, transition, draw, ...extra });

describe("one graph and the host loop", () => {
  test.each([ddim(), ddim({ eta: 0.5 }), ddpm(), ddpm({ variance: "large" }), renoise])(
    "$name takes a key to the same samples, compiled, interpreted and from the host",
    async (transition) => {
      using compiled = await compile(
        (x: Tensor, draw: Draw) => run(transition, { clip: 2 })(x, draw).x,
        [spec([2, 2]), random],
      );
      const options = {
        scheduler: linear,
        prediction: "noise",
        times,
        transition,
        clip: 2,
        key: key(7),
      } as const;
      const host = await solveDenoising(hostField(wiggly), start, options);
      const graph = await compiled(start, key(7));
      const meaning = drawn(
        (draw) => run(transition, { clip: 2 })(constant(start, "float32"), draw).x,
        key(7),
      );
      expect(host.nfe).toBe(10);
      expect([...graph.data]).toEqual([...meaning.data].map((value) => expect.closeTo(value, 4)));
      expect([...host.x.data]).toEqual([...meaning.data].map((value) => expect.closeTo(value, 4)));
      expect(compiled.draws).toHaveLength(transition.name === "ddim(0)" ? 0 : 9);
    },
  );

  test("ddim does not depend on the key, ddpm does", async () => {
    const options = { scheduler: linear, prediction: "noise", times } as const;
    const sample = async (transition: Transition, seed: number) =>
      (await solveDenoising(hostField(wiggly), start, { ...options, transition, key: key(seed) })).x.data;
    expect(await sample(ddim(), 1)).toEqual(await sample(ddim(), 2));
    expect(await sample(ddpm(), 1)).not.toEqual(await sample(ddpm(), 2));
    expect(await sample(ddpm(), 1)).toEqual(await sample(ddpm(), 1));
  });

  test("keeping all steps is the original chain, one step after the other", () => {
    const all = spacedTimes(linear, { count: linear.steps });
    const at = (i: number) =>
      ({ scheduler: linear, prediction: "noise", times: all.slice(i, i + 2) }) as const;
    const { whole, stepped } = interpret((x: Tensor) => {
      let state = x;
      for (const i of linear.betas.keys()) state = denoise(wiggly, state, at(i)).x;
      return { whole: denoise(wiggly, x, { ...at(0), times: all }).x, stepped: state };
    }, start);
    expect([...whole.data]).toEqual([...stepped.data].map((value) => expect.closeTo(value, 9)));
    expect(all).toHaveLength(101);
  });

  test("the data as predicted stay within the clip, and the noise explains x", () => {
    const { x1 } = interpret((x: Tensor) => {
      const { x1 } = denoise(wiggly, x, {
        scheduler: linear,
        prediction: "noise",
        times: [0.3, 0.6],
        clip: 0.25,
      });
      return { x1 };
    }, start);
    expect(Math.max(...x1.data.map(Math.abs))).toBe(0.25);
  });
});

describe("what cannot be sampled", () => {
  const options = { scheduler: linear, prediction: "noise", times } as const;
  const x = constant(start);

  test("refuses times, clips and a missing draw", () => {
    const by = (extra: Partial<Denoising>) => () => denoise(wiggly, x, { ...options, ...extra });
    expect(by({ times: [1, 0] })).toThrow("denoise: expected times that rise within [0, 1]");
    expect(by({ times: [0, 1.5] })).toThrow("within [0, 1]");
    expect(by({ times: [0.5] })).toThrow("two or more");
    expect(by({ clip: 0 })).toThrow("clip > 0");
    expect(by({ transition: ddpm() })).toThrow("denoise: expected a draw, since this transition adds noise");
  });

  test("refuses networks of another shape, and starts that are not numbers", async () => {
    const with1 = async () => array([1, 2]);
    await expect(solveDenoising(with1, start, { ...options, key: key(1) })).rejects.toThrow(
      "a network that returns [2,2]",
    );
    const bad = array([[Number.NaN, 1]]);
    await expect(solveDenoising(with1, bad, { ...options, key: key(1) })).rejects.toThrow("finite numbers");
    const wrong: Network = (y) => y.sum({ axes: 1, keepDims: true });
    expect(() => denoise(wrong, x, options)).toThrow("denoise: expected a network");
  });

  test("a network that is not finite ends it with the last finite state", async () => {
    let calls = 0;
    const failing = async (at: NdArray) =>
      calls++ < 3
        ? at
        : array([
            [1, Number.NaN],
            [0, 0],
          ]);
    const report = await solveDenoising(failing, start, { ...options, key: key(1) });
    expect(report).toMatchObject({ nfe: 4, reason: "nonFinite" });
    expect(report.time).toBeCloseTo(0.3, 12);
    expect(report.x.data.every(Number.isFinite)).toBe(true);
  });
});
