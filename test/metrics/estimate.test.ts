import { describe, expect, test } from "vitest";
import { array, takeRows } from "../../src/engine/array/index.ts";
import { type Key, key } from "../../src/engine/random/index.ts";
import {
  bootstrap,
  type Distance,
  dataFloor,
  type Estimate,
  energyDistance,
  estimate,
  meanOf,
  rowFloor,
  wasserstein2,
} from "../../src/metrics/index.ts";
import { gaussians } from "./samples.ts";

const pairOf = (from: Key, count = 96) => ({
  samples: gaussians({ shift: 1 })(from.fold("samples"), count),
  reference: gaussians()(from.fold("reference"), count),
});

test("meanOf is the mean and s / sqrt(n)", () => {
  expect(meanOf([1, 2, 6])).toEqual({ value: 3, stdError: Math.sqrt(7 / 3) });
  expect(meanOf([5])).toEqual({ value: 5, stdError: Number.NaN });
  expect(() => meanOf([])).toThrow("meanOf: expected at least one value");
});

describe("a standard error", () => {
  const key0 = key("standard error");
  const ways: readonly [string, Distance, (distance: Distance, child: Key) => Estimate][] = [
    [
      "of energy distance by parts",
      energyDistance,
      (distance, child) => estimate({ distance, pair: pairOf(child), key: child }),
    ],
    [
      "of W2 by parts",
      wasserstein2,
      (distance, child) => estimate({ distance, pair: pairOf(child), key: child }),
    ],
    [
      "of energy distance by bootstrap",
      energyDistance,
      (distance, child) => bootstrap({ distance, pair: pairOf(child), key: child }),
    ],
  ];

  test.each(ways)("%s is what the distance varies by from experiment to experiment", (_, distance, way) => {
    const values = key0.split(100).map((child) => distance(pairOf(child)));
    const varies = meanOf(values).stdError * 10;
    const claims = key0.split(24).map((child) => way(distance, child).stdError);
    const ratio = meanOf(claims).value / varies;
    expect(ratio).toBeGreaterThan(0.75);
    expect(ratio).toBeLessThan(1.35);
  });

  test("comes with the distance of all rows, the same for one key", () => {
    const pair = pairOf(key0);
    for (const way of [estimate, bootstrap]) {
      const found = way({ distance: energyDistance, pair, key: key("a") });
      expect(found.value).toBe(energyDistance(pair));
      expect(way({ distance: energyDistance, pair, key: key("a") })).toEqual(found);
      expect(way({ distance: energyDistance, pair, key: key("b") }).stdError).not.toBe(found.stdError);
    }
  });

  test("by parts looks at disjoint rows, two at least", () => {
    const rows = array(Array.from({ length: 20 }, (_, i) => [i]));
    const seen: number[] = [];
    const distance: Distance = ({ samples }) => {
      if (samples.shape[0] !== 20) seen.push(...samples.data);
      return 0;
    };
    estimate({ distance, pair: { samples: rows, reference: rows }, key: key("a"), parts: 3 });
    expect([seen.length, new Set(seen).size]).toEqual([18, 18]);
    const few = { samples: rows, reference: takeRows(rows, Int32Array.of(0, 1, 2)) };
    expect(() => estimate({ distance, pair: few, key: key("a") })).toThrow(
      "estimate: expected parts from 2 to 1",
    );
    expect(() => bootstrap({ distance, pair: few, key: key("a"), resamples: 1 })).toThrow("resamples");
  });
});

describe("the floor", () => {
  test("of energy distance is E|x - x'| (1/n + 1/m), sqrt(pi) 2 / n for the plane", () => {
    const options = { distance: energyDistance, count: 50, key: key("floor") };
    const floors = [
      dataFloor({ ...options, draw: gaussians(), repeats: 60 }),
      rowFloor({ ...options, rows: gaussians()(key("rows"), 6020) }),
    ];
    for (const { value, stdError } of floors) {
      expect(stdError).toBeLessThan(0.008);
      expect(Math.abs(value - (2 * Math.sqrt(Math.PI)) / 50)).toBeLessThan(4 * stdError);
    }
  });

  test("of rows compares rows with others only, each once", () => {
    const rows = array(Array.from({ length: 11 }, (_, i) => [i]));
    const seen: number[] = [];
    const distance: Distance = ({ samples, reference }) => seen.push(...samples.data, ...reference.data);
    rowFloor({ distance, rows, count: 2, key: key("a") });
    expect([seen.length, new Set(seen).size]).toEqual([8, 8]);
    expect(rowFloor({ distance, rows, count: 5, key: key("a") }).stdError).toBe(Number.NaN);
    expect(() => rowFloor({ distance, rows, count: 6, key: key("a") })).toThrow("count from 1 to 5, got 6");
    const draw = gaussians();
    expect(() => dataFloor({ distance, draw, count: 5, key: key("a"), repeats: 1 })).toThrow(
      "repeats from 2",
    );
  });
});
