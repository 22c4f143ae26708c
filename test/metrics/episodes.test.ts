import { expect, test } from "vitest";
import { ndarray } from "../../src/engine/array/index.ts";
import { joinedMeans, latencySummary, smoothness, successRate } from "../../src/metrics/index.ts";

test("Wilson's interval holds known numbers, and says something at the ends", () => {
  const { value, low, high } = successRate({ successes: 45, count: 50 });
  expect(value).toBe(0.9);
  expect(low).toBeCloseTo(0.78639, 4);
  expect(high).toBeCloseTo(0.95652, 4);
  const none = successRate({ successes: 0, count: 10 });
  expect([none.value, none.low]).toEqual([0, 0]);
  expect(none.high).toBeCloseTo(0.27753, 4);
  expect(successRate({ successes: 10, count: 10 }).low).toBeCloseTo(1 - none.high, 12);
});

test("the ends of Wilson's interval are where the score test rejects", () => {
  for (const successes of [3, 20, 49]) {
    const { value, low, high } = successRate({ successes, count: 50 });
    for (const p of [low, high]) {
      expect(Math.abs(value - p) / Math.sqrt((p * (1 - p)) / 50)).toBeCloseTo(1.959964, 5);
    }
  }
});

test("counts that are none are refused", () => {
  for (const trials of [
    { successes: 1, count: 0 },
    { successes: 3, count: 2 },
    { successes: 0.5, count: 2 },
  ]) {
    expect(() => successRate(trials)).toThrow("successRate: expected from 0 to count successes");
  }
});

test("percentiles are values that occurred, in any order", () => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i);
  expect(latencySummary(values)).toEqual({ p50: 100, p95: 190, p99: 198, max: 200 });
  expect(latencySummary([7])).toEqual({ p50: 7, p95: 7, p99: 7, max: 7 });
  expect(() => latencySummary([])).toThrow("latencySummary: expected at least one value");
  expect(() => latencySummary([1, Number.NaN])).toThrow("finite times");
});

test("the jerk of a cubic is its third derivative, everywhere", () => {
  const stepSeconds = 0.1;
  const actions = ndarray(
    Float64Array.from({ length: 40 }, (_, i) => (i % 2 ? 4 : 3) * (Math.floor(i / 2) * stepSeconds) ** 3),
    [20, 2],
  );
  const { inside, boundary } = smoothness({ actions, chunkStarts: [0, 8, 16], stepSeconds });
  expect(inside.mean).toBeCloseTo(6 * 5, 6);
  expect(boundary.mean).toBeCloseTo(6 * 5, 6);
  expect([inside.count, boundary.count]).toEqual([11, 6]);
});

test("a jump between chunks is no jerk inside of them", () => {
  const actions = ndarray(Float64Array.of(0, 1, 2, 3, 14, 15, 16, 17), [8, 1]);
  const { inside, boundary } = smoothness({ actions, chunkStarts: [0, 4], stepSeconds: 1 });
  expect(inside).toEqual({ mean: 0, count: 2 });
  expect(boundary).toEqual({ mean: 40 / 3, count: 3 });
  const joined = joinedMeans([inside, boundary]);
  expect([joined.mean, joined.count]).toEqual([8, 5]);
  expect(joinedMeans([])).toEqual({ mean: 0, count: 0 });
});
