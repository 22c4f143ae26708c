import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { array } from "../../../src/engine/array/index.ts";
import { compile } from "../../../src/engine/runtime/index.ts";
import { interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import {
  type ConvexScheduler,
  condOT,
  cosine,
  linearVP,
  polynomial,
  type Scheduler,
  snr,
  vp,
} from "../../../src/flow/path/index.ts";
import { doubles, ends, inside, schedulers, slopeOf } from "./cases.ts";

const at = (scheduler: Scheduler, t: number) => {
  const c = interpret((time: Tensor) => scheduler.at(time), doubles([t]));
  return {
    alpha: c.alpha.data[0]!,
    sigma: c.sigma.data[0]!,
    dAlpha: c.dAlpha.data[0]!,
    dSigma: c.dSigma.data[0]!,
  };
};
const inverse = (scheduler: Scheduler, r: number) =>
  interpret((x: Tensor) => scheduler.snrInverse(x), doubles([r])).data[0]!;

describe.each(schedulers)("$name", (scheduler) => {
  test("its slopes are the derivatives of alpha and sigma", () => {
    fc.assert(
      fc.property(inside, (t) => {
        const { dAlpha, dSigma } = at(scheduler, t);
        const numeric = slopeOf((s) => at(scheduler, s).alpha, t);
        expect(Math.abs(dAlpha - numeric)).toBeLessThan(1e-7 * (1 + Math.abs(numeric)));
        const numericSigma = slopeOf((s) => at(scheduler, s).sigma, t);
        expect(Math.abs(dSigma - numericSigma)).toBeLessThan(1e-7 * (1 + Math.abs(numericSigma)));
      }),
    );
  });

  test("alpha rises, sigma falls, and at t = 1 only the data is left", () => {
    const steps = Array.from({ length: 21 }, (_, i) => at(scheduler, i / 20));
    for (let i = 1; i < steps.length; i++) {
      expect(steps[i]!.alpha).toBeGreaterThan(steps[i - 1]!.alpha);
      expect(steps[i]!.sigma).toBeLessThan(steps[i - 1]!.sigma);
    }
    expect(steps[20]!.alpha).toBeCloseTo(1, 14);
    expect(steps[20]!.sigma).toBeCloseTo(0, 14);
  });

  test("snrInverse undoes snr", () => {
    fc.assert(
      fc.property(inside, (t) => {
        const ratio = interpret((time: Tensor) => snr(scheduler, time), doubles([t])).data[0]!;
        const { alpha, sigma } = at(scheduler, t);
        expect(ratio / (alpha / sigma)).toBeCloseTo(1, 12);
        expect(inverse(scheduler, ratio)).toBeCloseTo(t, 10);
      }),
    );
  });

  test("snrInverse is 0 at nothing and 1 at infinity, and rises between", () => {
    const queries = [0, 0.02, 0.3, 1, 3, 50, 1e9, Number.POSITIVE_INFINITY];
    const found = queries.map((r) => inverse(scheduler, r));
    expect(found[0]).toBe(0);
    expect(found.at(-1)).toBeCloseTo(1, 12);
    expect(found).toEqual([...found].sort((a, b) => a - b));
    expect(new Set(found.slice(2, 6)).size).toBe(4);
  });

  test("everything is finite at the end points and just beyond", () => {
    for (const t of [...ends, -1e-3, 1 + 1e-3]) {
      const values = Object.values(at(scheduler, t));
      expect(values.every(Number.isFinite), `${values} at ${t}`).toBe(true);
      expect(Math.max(...values.map(Math.abs))).toBeLessThan(5000);
    }
  });
});

test("kappaInverse undoes alpha, and alpha + sigma = 1, for the convex schedulers", () => {
  const convex: ConvexScheduler[] = [condOT, polynomial(2), polynomial(0.5)];
  fc.assert(
    fc.property(fc.constantFrom(...convex), inside, (scheduler, t) => {
      const { alpha, sigma } = at(scheduler, t);
      expect(alpha + sigma).toBeCloseTo(1, 14);
      expect(interpret((k: Tensor) => scheduler.kappaInverse(k), doubles([alpha])).data[0]).toBeCloseTo(
        t,
        12,
      );
    }),
  );
});

test("the variance-preserving schedulers keep alpha^2 + sigma^2 = 1", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(vp(), vp({ betaMin: 3, betaMax: 3 }), linearVP, cosine),
      inside,
      (scheduler, t) => {
        const { alpha, sigma } = at(scheduler, t);
        expect(alpha ** 2 + sigma ** 2).toBeCloseTo(1, 14);
      },
    ),
  );
});

test("vp with equal rates is the exponential alpha = exp(-beta (1 - t) / 2)", () => {
  for (const t of [0, 0.3, 0.9]) {
    expect(at(vp({ betaMin: 2, betaMax: 2 }), t).alpha).toBeCloseTo(Math.exp(-(1 - t)), 14);
  }
});

test("vp keeps the digits of sigma next to the data", () => {
  const s = 2 ** -40;
  expect(at(vp(), 1 - s).sigma / Math.sqrt(0.1 * s)).toBeCloseTo(1, 9);
});

test("compiled in float32, alpha and sigma are exact to rounding, and the inverse of the snr to 1e-4, at the ends too", async () => {
  const times = [...ends, 0.01, 0.3, 0.7, 0.99];
  const all = (t: Tensor) =>
    schedulers.map((scheduler) => {
      const { alpha, sigma } = scheduler.at(t);
      return { alpha, sigma, back: scheduler.snrInverse(snr(scheduler, t)) };
    });
  const t = array(times);
  const exact = interpret(all, t);
  await using compiled = await compile(all, [{ shape: [times.length], dtype: "float32" }]);
  (await compiled(t)).forEach(({ alpha, sigma, back }, k) => {
    times.forEach((time, i) => {
      const at = `${schedulers[k]!.name} at ${time}`;
      expect(Math.abs(alpha.data[i]! - exact[k]!.alpha.data[i]!), at).toBeLessThan(1e-6);
      const [got, want] = [sigma.data[i]!, exact[k]!.sigma.data[i]!];
      expect(Math.abs(got - want), at).toBeLessThan(1e-5 * want + 2e-7);
      expect(Math.abs(back.data[i]! - exact[k]!.back.data[i]!), at).toBeLessThan(1e-4);
    });
  });
});

test("below what vp reaches, its inverse is 0", () => {
  const lowest = at(vp(), 0);
  expect(inverse(vp(), (0.5 * lowest.alpha) / lowest.sigma)).toBe(0);
});

test("times of any shape keep it", () => {
  const t = { shape: [2, 1, 2], dtype: "float64", data: Float64Array.of(0, 0.2, 0.6, 1) } as const;
  const { alpha } = interpret((time: Tensor) => cosine.at(time), t);
  expect(alpha.shape).toEqual([2, 1, 2]);
  expect(alpha.data[1]).toBeCloseTo(Math.sin(0.1 * Math.PI), 14);
});

test("options without a meaning are refused", () => {
  expect(() => polynomial(0)).toThrow("polynomial: expected a finite n > 0, got 0. n = 1 is condOT");
  for (const n of [-1, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => polynomial(n)).toThrow("polynomial");
  for (const betaMin of [0, -1, Number.NaN])
    expect(() => vp({ betaMin })).toThrow("vp: expected finite betaMin > 0");
  expect(() => vp({ betaMax: Number.POSITIVE_INFINITY })).toThrow("betaMax Infinity");
});
