import fc from "fast-check";
import { expect, test } from "vitest";
import { histogram } from "../../../src/robot/control/histogram.ts";

const times = fc.array(fc.double({ min: 0.002, max: 5e4, noNaN: true }), { minLength: 1, maxLength: 300 });

test("quantiles are those of the durations, to 1.1 %", () => {
  fc.assert(
    fc.property(times, (all) => {
      const counted = histogram();
      for (const ms of all) counted.add(ms);
      const sorted = [...all].sort((a, b) => a - b);
      const { p50Ms, p95Ms, p99Ms, maxMs, meanMs, count } = counted.summary();
      for (const [part, ms] of [
        [0.5, p50Ms],
        [0.95, p95Ms],
        [0.99, p99Ms],
      ] as const) {
        const exact = sorted[Math.ceil(part * sorted.length) - 1]!;
        expect(ms).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
        expect(ms).toBeLessThanOrEqual(exact * 1.011);
      }
      expect(maxMs).toBe(sorted.at(-1));
      expect(count).toBe(all.length);
      expect(meanMs).toBeCloseTo(all.reduce((a, b) => a + b) / all.length, 6);
    }),
  );
});

test("the histogram holds every duration once", () => {
  fc.assert(
    fc.property(times, (all) => {
      const counted = histogram();
      for (const ms of all) counted.add(ms);
      const bins = counted.summary().histogram;
      expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
      for (const { fromMs, toMs, count } of bins) {
        const inside = all.filter((ms) => ms > fromMs * (1 + 1e-9) && ms <= toMs * (1 - 1e-9)).length;
        expect(inside).toBeLessThanOrEqual(count);
        expect(fromMs).toBeLessThan(toMs);
      }
    }),
  );
});

test("nothing is 0, less than 0 is 0, and a day is the last bin", () => {
  const counted = histogram();
  expect(counted.summary()).toMatchObject({ count: 0, meanMs: 0, p50Ms: 0, maxMs: 0, histogram: [] });
  counted.add(-1);
  counted.add(86_400_000);
  expect(counted.summary()).toMatchObject({ count: 2, maxMs: 86_400_000, p50Ms: 0.001 });
});
