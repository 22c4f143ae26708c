import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { array } from "../../../src/engine/array/index.ts";
import { compile, spec } from "../../../src/engine/runtime/index.ts";
import { interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import {
  diffusionRate,
  fromBetas,
  linearBetas,
  scaledLinearBetas,
  sigmoidBetas,
  squaredCosineBetas,
} from "../../../src/flow/diffusion/index.ts";
import { snr, vp } from "../../../src/flow/path/index.ts";
import { slopeOf } from "../path/cases.ts";
import { doubles, linear, squaredCosine } from "./cases.ts";

const at = (scheduler: typeof linear, times: readonly number[]) =>
  interpret((t: Tensor) => scheduler.at(t), doubles(times));

const schedules = { linearBetas, scaledLinearBetas, sigmoidBetas, squaredCosineBetas };

test.each(Object.entries(schedules))("%s makes alphaBar fall, the product of 1 - beta", (_, betasOf) => {
  const { betas, alphaBars } = fromBetas(betasOf(1000));
  let product = 1;
  for (const [k, beta] of betas.entries()) {
    expect(alphaBars[k]!).toBeLessThan(product);
    product *= 1 - beta;
    expect(alphaBars[k]! / product).toBeCloseTo(1, 10);
  }
});

test("squared cosines follow their closed form until variances are cut", () => {
  const f = (u: number) => Math.cos((Math.PI / 2) * ((u + 0.008) / 1.008)) ** 2;
  const { alphaBars } = fromBetas(squaredCosineBetas(50));
  for (const k of [0, 10, 30, 47]) expect(alphaBars[k]).toBeCloseTo(f((k + 1) / 50) / f(0), 12);
});

describe.each([linear, squaredCosine])("$name as a scheduler", (scheduler) => {
  test("has the discrete levels at their times, and data at t = 1", () => {
    const steps = [...scheduler.alphaBars.keys()];
    const { alpha, sigma } = at(scheduler, steps.map(scheduler.timeOf));
    for (const k of steps) {
      expect(alpha.data[k]! ** 2 / scheduler.alphaBars[k]!).toBeCloseTo(1, 9);
      expect(sigma.data[k]! ** 2 / (1 - scheduler.alphaBars[k]!)).toBeCloseTo(1, 9);
    }
    const end = at(scheduler, [scheduler.timeOf(-1)]);
    expect([end.alpha.data[0], end.sigma.data[0]]).toEqual([1, 0]);
  });

  test("has the slopes of its levels, between them and one-sided at them", () => {
    for (const t of [0.003, 0.255, 0.5042, 0.873, 0.9951]) {
      const { dAlpha, dSigma } = at(scheduler, [t]);
      const slope = (name: "alpha" | "sigma") => slopeOf((s) => at(scheduler, [s])[name].data[0]!, t, 1e-5);
      expect(dAlpha.data[0]! / slope("alpha")).toBeCloseTo(1, 6);
      expect(dSigma.data[0]! / slope("sigma")).toBeCloseTo(1, 6);
    }
    const [here, after] = at(scheduler, [0.5, 0.5 + 1e-9]).dAlpha.data;
    expect(here! / after!).toBeCloseTo(1, 6);
  });

  test("finds its times from alpha / sigma", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (t) => {
        const back = interpret((time: Tensor) => scheduler.snrInverse(snr(scheduler, time)), doubles([t]));
        expect(back.data[0]).toBeCloseTo(t, 6);
      }),
    );
    const ends = interpret((r: Tensor) => scheduler.snrInverse(r), doubles([0, Number.POSITIVE_INFINITY]));
    expect([...ends.data]).toEqual([0, 1]);
  });

  test("is the same compiled in float32", async () => {
    const times = [0, 0.01, 0.335, 0.5, 0.9, 1];
    const run = (t: Tensor) => ({ ...scheduler.at(t), back: scheduler.snrInverse(snr(scheduler, t)) });
    using compiled = await compile(run, [spec([times.length])]);
    const got = await compiled(array(times));
    const want = interpret(run, doubles(times));
    for (const name of ["alpha", "sigma", "dAlpha", "back"] as const) {
      const scale = Math.max(1, ...want[name].data.map(Math.abs));
      got[name].data.forEach((value, i) => {
        expect(Math.abs(value - want[name].data[i]!) / scale).toBeLessThan(1e-4);
      });
    }
  });
});

test("many linear steps are the vp path with 1000 times their variances", () => {
  const fine = fromBetas(linearBetas(1000));
  const times = [0.1, 0.4, 0.7, 0.95];
  const want = interpret((t: Tensor) => vp({ betaMin: 0.1, betaMax: 20 }).at(t), doubles(times));
  at(fine, times).alpha.data.forEach((alpha, i) => {
    expect(Math.abs(alpha / want.alpha.data[i]! - 1)).toBeLessThan(0.03);
  });
});

test("the rate of noise squared is -steps log(1 - beta)", () => {
  const rate = diffusionRate(linear);
  for (const step of [0, 3, 50, 99]) {
    const want = -100 * Math.log1p(-linear.betas[step]!);
    expect(rate(linear.timeOf(step) + 0.004) ** 2 / want).toBeCloseTo(1, 9);
  }
});

test("refuses variances, counts and steps that cannot be", () => {
  expect(() => fromBetas([])).toThrow("fromBetas: expected one or more variances in (0, 1), got none");
  expect(() => fromBetas([0.1, 1])).toThrow("1 at step 1");
  expect(() => fromBetas([Number.NaN])).toThrow("NaN at step 0");
  expect(() => linearBetas(0)).toThrow("linearBetas: expected steps");
  expect(() => linearBetas(10, { last: 1 })).toThrow("1 - last");
  expect(() => scaledLinearBetas(10, { first: -1 })).toThrow("first > 0");
  expect(() => sigmoidBetas(2.5)).toThrow("whole number");
  expect(() => squaredCosineBetas(10, { offset: -0.1 })).toThrow("offset");
  expect(() => squaredCosineBetas(10, { largest: 1 })).toThrow("squaredCosineBetas");
  expect(() => linear.timeOf(100)).toThrow("timeOf: expected a whole number from -1 (the data) to 99");
  expect(() => linear.timeOf(0.5)).toThrow("got 0.5");
});
