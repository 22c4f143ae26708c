import { describe, expect, test } from "vitest";
import { array, takeRows } from "../../src/engine/array/index.ts";
import { key, permutation } from "../../src/engine/random/index.ts";
import {
  coverage,
  type Distance,
  dataFloor,
  energyDistance,
  expectedCoverage,
  fittedGaussianNll,
  medianBandwidths,
  mmd,
  nearestDistances,
  slicedWasserstein,
  unbiasedEnergyDistance,
  wasserstein1,
  wasserstein2,
} from "../../src/metrics/index.ts";
import { gaussians, mapped, rotated } from "./samples.ts";

const sliced = slicedWasserstein({ key: key("directions") });
const kernels = mmd({ bandwidths: [0.5, 1, 3] });
const samples = gaussians()(key("samples"), 60);
const reference = gaussians({ std: 1.5, shift: 0.3 })(key("reference"), 80);

/** What each distance is for two equal sets, and how it grows with the unit of length. */
const facts: readonly { name: string; distance: Distance; power?: number; symmetric: boolean }[] = [
  { name: "wasserstein1", distance: wasserstein1, power: 1, symmetric: true },
  { name: "wasserstein2", distance: wasserstein2, power: 1, symmetric: true },
  { name: "slicedWasserstein", distance: sliced, power: 1, symmetric: true },
  { name: "energyDistance", distance: energyDistance, power: 1, symmetric: true },
  { name: "unbiasedEnergyDistance", distance: unbiasedEnergyDistance, power: 1, symmetric: true },
  { name: "mmd", distance: kernels, symmetric: true },
  { name: "coverage", distance: coverage(), power: 0, symmetric: false },
  { name: "fittedGaussianNll", distance: fittedGaussianNll, symmetric: false },
];

describe.each(facts)("$name", ({ distance, power, symmetric }) => {
  const value = distance({ samples, reference });

  test("does not depend on the order of rows, on where the origin is, or, but for slices, on the axes", () => {
    const order = (count: number) => permutation(key("order"), count).data;
    const shuffled = { samples: takeRows(samples, order(60)), reference: takeRows(reference, order(80)) };
    expect(distance(shuffled)).toBeCloseTo(value, 10);
    const moved = (x: typeof samples) => mapped(x, (v) => v + 4);
    expect(distance({ samples: moved(samples), reference: moved(reference) })).toBeCloseTo(value, 9);
    const turned = { samples: rotated(samples, 0.7), reference: rotated(reference, 0.7) };
    expect(distance(turned)).toBeCloseTo(value, distance === sliced ? 1 : 9);
  });

  test("is the same either way round, if it is symmetric, and grows with the unit of length", () => {
    const swapped = distance({ samples: reference, reference: samples });
    if (symmetric) expect(swapped).toBeCloseTo(value, 10);
    else expect(Math.abs(swapped - value)).toBeGreaterThan(1e-3);
    if (power === undefined) return;
    const large = (x: typeof samples) => mapped(x, (v) => 3 * v);
    const scaled = distance({ samples: large(samples), reference: large(reference) });
    expect(scaled).toBeCloseTo(3 ** power * value, 9);
  });

  test("treats rows of any shape as vectors", () => {
    const shape = (x: typeof samples) => ({ ...x, shape: [x.shape[0]!, 1, 2] });
    expect(distance({ samples: shape(samples), reference: shape(reference) })).toBe(value);
  });

  test("refuses sides that do not fit, empty ones, and values that are not finite", () => {
    expect(() => distance({ samples, reference: array([[1], [2]]) })).toThrow(/expected .*(rows|elements)/);
    expect(() => distance({ samples, reference: array([]) })).toThrow("expected");
    const wrong = mapped(samples, (v, at) => (at === 3 ? Number.NaN : v));
    expect(() => distance({ samples: wrong, reference })).toThrow("NaN at element 3");
  });
});

test.each([wasserstein1, wasserstein2, energyDistance, sliced])(
  "the distance of a set to itself is 0 (%#)",
  (distance) => {
    expect(distance({ samples, reference: samples })).toBeCloseTo(0, 7);
  },
);

test("moving a set by a vector moves it by its length: W1, W2 exactly, sliced W2 by |vector| / sqrt(2)", () => {
  const moved = mapped(samples, (v, at) => v + (at % 2 === 0 ? 3 : -4));
  expect(wasserstein1({ samples, reference: moved })).toBeCloseTo(5, 10);
  expect(wasserstein2({ samples, reference: moved })).toBeCloseTo(5, 10);
  const many = slicedWasserstein({ key: key("many"), directions: 20_000 });
  expect(Math.abs(many({ samples, reference: moved }) - 5 / Math.SQRT2)).toBeLessThan(0.03);
});

test("on a line slices are exact, also for sets of different sizes", () => {
  const line = {
    samples: gaussians({ size: 1 })(key("a"), 12),
    reference: gaussians({ size: 1 })(key("b"), 30),
  };
  for (const [p, exact] of [[1, wasserstein1] as const, [2, wasserstein2] as const]) {
    const slices = slicedWasserstein({ key: key("c"), p, directions: 3 });
    expect(slices(line)).toBeCloseTo(exact(line), 9);
  }
});

test("W2 of Gaussians on a line is sqrt(difference of means^2 + difference of deviations^2)", () => {
  const pair = {
    samples: gaussians({ size: 1 })(key("a"), 40_000),
    reference: gaussians({ size: 1, std: 2, shift: 1.5 })(key("b"), 40_000),
  };
  const distance = slicedWasserstein({ key: key("c"), directions: 1 })(pair);
  expect(Math.abs(distance - Math.hypot(1.5, 1))).toBeLessThan(0.05);
});

describe("unbiased distances of Gaussians in the plane, on average", () => {
  const mean = (distance: Distance, std: number, shift: number) => {
    const values = key("average")
      .split(60)
      .map((child) =>
        distance({
          samples: gaussians()(child.fold("a"), 50),
          reference: gaussians({ std, shift })(child.fold("b"), 40),
        }),
      );
    const average = values.reduce((a, b) => a + b, 0) / 60;
    const squares = values.reduce((sum, value) => sum + (value - average) ** 2, 0);
    return { average, stdError: Math.sqrt(squares / 59 / 60) };
  };

  test.each([1, 1.5, 3])(
    "energy distance is sqrt(pi / 2) (2 sqrt(1 + s^2) - sqrt(2) - sqrt(2) s), s = %f",
    (s) => {
      const expected = Math.sqrt(Math.PI / 2) * (2 * Math.hypot(1, s) - Math.SQRT2 * (1 + s));
      const { average, stdError } = mean(unbiasedEnergyDistance, s, 0);
      expect(stdError).toBeLessThan(0.05);
      expect(Math.abs(average - expected)).toBeLessThan(4 * stdError);
    },
  );

  test.each([
    [1, 0],
    [2, 0],
    [1.5, 1],
  ])("mmd of deviation %f and shift %f has the closed form of Gaussian kernels", (s, shift) => {
    const [h, d2] = [0.8, 2 * shift ** 2];
    const kernel = (variance: number, distance2: number) =>
      (h ** 2 / (h ** 2 + variance)) * Math.exp(-distance2 / (2 * (h ** 2 + variance)));
    const expected = kernel(2, 0) + kernel(2 * s * s, 0) - 2 * kernel(1 + s * s, d2);
    const { average, stdError } = mean(mmd({ bandwidths: [h] }), s, shift);
    expect(stdError).toBeLessThan(0.01);
    expect(Math.abs(average - expected)).toBeLessThan(4 * stdError);
  });
});

test("the two energy distances differ by the mean distances within, over the counts", () => {
  const at = (points: number[]) => array(points.map((p) => [p]));
  const pair = { samples: at([0, 1, 3]), reference: at([2, 6]) };
  // between: (2+6+1+5+1+3)/6 = 3; within: 2(1+3+2)/9 = 4/3 and 2*4/4 = 2, or 2 and 4 without pairs of a row with itself
  expect(energyDistance(pair)).toBeCloseTo(6 - 4 / 3 - 2, 12);
  expect(unbiasedEnergyDistance(pair)).toBeCloseTo(6 - 2 - 4, 12);
});

test("mmd averages its kernels; the median bandwidth is a median", () => {
  const pair = { samples, reference };
  const one = (h: number) => mmd({ bandwidths: [h] })(pair);
  expect(kernels(pair)).toBeCloseTo((one(0.5) + one(1) + one(3)) / 3, 12);
  expect(medianBandwidths(array([[0], [1], [3]]))).toEqual([0.5, 1, 2, 4, 8]);
  const grown = mapped(samples, (v) => 2 * v);
  const twice = medianBandwidths(samples).map((h) => 2 * h);
  medianBandwidths(grown).forEach((h, i) => expect(h).toBeCloseTo(twice[i]!, 9));
  expect(() => medianBandwidths(array([[1], [1], [1]]))).toThrow("a median distance of 0");
  expect(() => mmd({ bandwidths: [] })).toThrow("mmd: expected at least one bandwidth");
  expect(() => mmd({ bandwidths: [1, 0] })).toThrow("all > 0");
});

describe("coverage", () => {
  test.each([
    [100, 60, 5],
    [40, 80, 3],
    [20, 50, 1],
  ])(
    "of %i samples and %i reference rows of one distribution is as expected for %i neighbours",
    (n, m, k) => {
      const values = key("coverage")
        .split(80)
        .map((child) =>
          coverage({ neighbours: k })({
            samples: gaussians()(child.fold("a"), n),
            reference: gaussians()(child.fold("b"), m),
          }),
        );
      const average = values.reduce((a, b) => a + b, 0) / 80;
      const stdError = Math.sqrt(values.reduce((sum, v) => sum + (v - average) ** 2, 0) / 79 / 80);
      const expected = expectedCoverage({ samples: n, reference: m, neighbours: k });
      expect(stdError).toBeLessThan(0.015);
      expect(Math.abs(average - expected)).toBeLessThan(4 * stdError);
    },
  );

  test("is expected to be what counting the orders of a few equally likely rows gives", () => {
    // one of two other rows is nearest; of four, the two nearest are both reference rows in 1 of 6 choices
    expect(expectedCoverage({ samples: 1, reference: 2, neighbours: 1 })).toBeCloseTo(1 / 2, 14);
    expect(expectedCoverage({ samples: 2, reference: 3, neighbours: 2 })).toBeCloseTo(5 / 6, 14);
  });

  test("is 1 for the reference itself and falls by the part of a mode that samples miss", () => {
    const far = mapped(samples, (v) => v + 100);
    const both = { ...far, shape: [120, 2], data: Float64Array.of(...samples.data, ...far.data) };
    expect(coverage()({ samples: both, reference: both })).toBe(1);
    expect(coverage()({ samples, reference: both })).toBe(0.5);
    expect(() => coverage({ neighbours: 0 })).toThrow("coverage: expected an integer >= 1");
    expect(() => coverage()({ samples, reference: array([[1, 2]]) })).toThrow("more than 5 reference rows");
  });
});

test("nearestDistances are 0 for repeated rows and distances for others", () => {
  const pair = {
    samples: array([
      [3, 4],
      [1, 1],
    ]),
    reference: array([
      [0, 0],
      [1, 1],
      [-9, 0],
    ]),
  };
  expect([...nearestDistances(pair)]).toEqual([Math.sqrt(13), 0]);
});

describe("floors fall with the number of rows", () => {
  const slope = (distance: Distance, [few, many]: readonly [number, number]) => {
    const at = (count: number) =>
      dataFloor({ distance, draw: gaussians(), count, key: key("rate"), repeats: 12 }).value;
    return Math.log(at(many) / at(few)) / Math.log(many / few);
  };

  test("W2 in the plane by the root, but for a logarithm", () => {
    const rate = slope(wasserstein2, [32, 256]);
    expect(rate).toBeGreaterThan(-0.55);
    expect(rate).toBeLessThan(-0.35);
  });

  test("sliced W2 by the root and energy distance by the count", () => {
    expect(Math.abs(slope(sliced, [64, 2048]) + 0.5)).toBeLessThan(0.08);
    expect(Math.abs(slope(energyDistance, [32, 512]) + 1)).toBeLessThan(0.12);
  });
});

test("slicedWasserstein refuses other p and no directions", () => {
  expect(() => slicedWasserstein({ key: key(0), directions: 0 })).toThrow("slicedWasserstein: expected p");
  expect(() => slicedWasserstein({ key: key(0), p: 3 as 2 })).toThrow("got p 3");
});
