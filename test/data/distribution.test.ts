import { describe, expect, test } from "vitest";
import {
  checkerboard,
  curve,
  type Distribution,
  distributions,
  eightGaussians,
  gaussianMixture,
  letters,
  pinwheel,
  ring,
  sCurve,
  spiral,
  swissRoll,
  twoMoons,
} from "../../src/data/index.ts";
import { array, ndarray } from "../../src/engine/array/index.ts";
import { key } from "../../src/engine/random/index.ts";
import { expectMean, points } from "./moments.ts";

const skewed = gaussianMixture([
  { mean: [1, -0.5], covariance: [0.5, 0.3, 0.4], weight: 3 },
  { mean: [-1.5, 1], covariance: 0.25 },
]);
const all = [...Object.values(distributions), skewed, letters({ text: "Flow 42" })];
const withDensity = all.filter(({ logDensity }) => logDensity);

describe.each(all)("$name", (distribution) => {
  test("draws the same for one key, other numbers for another, and the first ones whatever the count", () => {
    const few = distribution.sample(key("a"), 30);
    expect([few.shape, few.dtype]).toEqual([[30, 2], "float32"]);
    expect(distribution.sample(key("a"), 30)).toEqual(few);
    expect(distribution.sample(key("a"), 101).data.slice(0, 60)).toEqual(few.data);
    expect(distribution.sample(key("b"), 30).data).not.toEqual(few.data);
    expect(distribution.sample(key("a"), 0).shape).toEqual([0, 2]);
  });

  test("lies around the origin, within the usual frame", () => {
    const flat = [...distribution.sample(key("frame"), 4000).data].map(Math.abs);
    const outside = flat.filter((value) => value > 4.2).length;
    expect(outside / flat.length).toBeLessThan(0.005);
    expect(Math.max(...flat)).toBeGreaterThan(2.5);
  });
});

/** Midpoints of a grid over [-5.6, 5.6)^2: the rule is exact to 1e-8 for Gaussians as wide as its step. */
const step = 0.1;
const grid = ndarray(
  Float64Array.from({ length: 2 * 112 ** 2 }, (_, at) => {
    const cell = at >> 1;
    return ((at % 2 === 0 ? cell % 112 : Math.floor(cell / 112)) - 55.5) * step;
  }),
  [112 ** 2, 2],
);

describe.each(withDensity)("the density of $name", (distribution) => {
  test("integrates to 1, and the mean of its logarithm over samples is minus the entropy", () => {
    const logs = distribution.logDensity!(grid).data;
    const integral = (f: (log: number) => number) => logs.reduce((sum, log) => sum + f(log), 0) * step ** 2;
    expect(integral(Math.exp)).toBeCloseTo(1, 6);
    const entropy = -integral((log) => (log === -Infinity ? 0 : log * Math.exp(log)));
    const samples = distribution.sample(key("entropy"), 5000);
    expectMean([...distribution.logDensity!(samples).data], -entropy);
    if (distribution.entropy !== undefined) expect(entropy).toBeCloseTo(distribution.entropy, 10);
  });

  test("wants points", () => {
    expect(() => distribution.logDensity!(array([[1, 2, 3]]))).toThrow("points of shape [count, 2]");
  });
});

/** E x^2, E xy, E y^2 of distributions with mean 0, by hand. */
const moments: readonly [Distribution, readonly [number, number, number]][] = [
  [
    twoMoons({ size: 2, noise: 0.3 }),
    [4 * 0.75 + 0.09, 4 * (0.125 - 1 / Math.PI), 4 * (0.5625 - 1 / Math.PI) + 0.09],
  ],
  [ring({ radius: 2, noise: 0.5 }), [2.25, 0, 2.25]],
  [sCurve({ size: 2, noise: 0.2 }), [2.04, (4 * -1) / (3 * Math.PI), 4 * (1.5 + 4 / (3 * Math.PI)) + 0.04]],
  [eightGaussians({ radius: 2, std: 0.5 }), [2.25, 0, 2.25]],
  [checkerboard({ squares: 4, halfWidth: 4 }), [16 / 3, 1, 16 / 3]],
  [checkerboard({ squares: 2, halfWidth: 3 }), [3, 2.25, 3]],
  [letters({ text: "I", halfWidth: 2, noise: 0.1 }), [(0.4 * 4) / 12 + 0.01, 0, 5.4 + 0.01]],
];

test.each(moments)("$name has mean 0 and its second moments", (distribution, [xx, xy, yy]) => {
  const samples = points(distribution.sample(key("moments"), 20_000));
  for (const axis of [0, 1] as const) {
    expectMean(
      samples.map((point) => point[axis]),
      0,
    );
  }
  const products: readonly [(p: [number, number]) => number, number][] = [
    [([x]) => x * x, xx],
    [([x, y]) => x * y, xy],
    [([, y]) => y * y, yy],
  ];
  for (const [product, expected] of products) expectMean(samples.map(product), expected, 0.1);
});

/** E |x|^2 by hand. */
const spreads: readonly [Distribution, number][] = [
  [spiral({ radius: 3, noise: 0.2 }), 9 / 2 + 0.08],
  [spiral({ radius: 3, noise: 0.2, arms: 4, turns: 3 }), 9 / 2 + 0.08],
  [swissRoll({ radius: 3, noise: 0.2 }), (9 * 13) / 27 + 0.08],
  [pinwheel({ radius: 2, radialStd: 0.4, tangentialStd: 0.2 }), 4 * (1 + 0.16 + 0.04)],
];

test.each(spreads)("$name has its mean squared distance from the origin", (distribution, expected) => {
  const samples = points(distribution.sample(key("spread"), 20_000));
  expectMean(
    samples.map(([x, y]) => x * x + y * y),
    expected,
    0.1,
  );
});

/** E x and E y by hand; arms that are evenly turned leave nothing of the mean. */
const means: readonly [Distribution, readonly [number, number]][] = [
  [swissRoll({ radius: 3 }), [12 / (9 * Math.PI), 12 / (27 * Math.PI ** 2)]],
  [spiral({ arms: 2 }), [0, 0]],
  [spiral({ arms: 4 }), [0, 0]],
  [spiral({ arms: 1, turns: 1e-9, radius: 3 }), [2, 0]],
  [pinwheel(), [0, 0]],
  [pinwheel({ arms: 1, radialStd: 1e-4, rate: 0.5 }), [2 * Math.cos(Math.E / 2), 2 * Math.sin(Math.E / 2)]],
];

test.each(means)("$name has its mean (%#)", (distribution, expected) => {
  const samples = points(distribution.sample(key("means"), 20_000));
  expected.forEach((mean, axis) =>
    expectMean(
      samples.map((point) => point[axis]!),
      mean,
    ),
  );
});

test("a mixture has the weights, means and covariances it was given", () => {
  const samples = points(skewed.sample(key("mixture"), 20_000));
  expectMean(
    samples.map(([x]) => x),
    0.75 * 1 + 0.25 * -1.5,
  );
  expectMean(
    samples.map(([x, y]) => x * y),
    0.75 * (0.3 - 0.5) + 0.25 * -1.5,
  );
  const [x, y] = [0.4, 0.2];
  const determinant = 0.5 * 0.4 - 0.09;
  const [dx, dy] = [x - 1, y + 0.5];
  const form = (0.4 * dx * dx - 2 * 0.3 * dx * dy + 0.5 * dy * dy) / determinant;
  const first = Math.exp(-form / 2) / (2 * Math.PI * Math.sqrt(determinant));
  const second = Math.exp(-((x + 1.5) ** 2 + (y - 1) ** 2) / 0.5) / (2 * Math.PI * 0.25);
  const expected = Math.log(0.75 * first + 0.25 * second);
  expect(skewed.logDensity!(ndarray(Float64Array.from([x, y]), [1, 2])).data[0]).toBeCloseTo(expected, 12);
});

test("far away a log-density is finite and right, and a single Gaussian knows its entropy", () => {
  const far = ndarray(Float64Array.from([100, 0]), [1, 2]);
  const one = gaussianMixture([{ mean: [0, 0], covariance: [2, 0.5, 1] }]);
  const log = -Math.log(2 * Math.PI * Math.sqrt(1.75)) - 100 ** 2 / 1.75 / 2;
  expect(one.logDensity!(far).data[0]).toBeCloseTo(log, 8);
  expect(one.entropy).toBeCloseTo(Math.log(2 * Math.PI * Math.E * Math.sqrt(1.75)), 12);
  expect(skewed.entropy).toBeUndefined();
});

test("the ring has the density of Rice, I0(r R / s^2) exp(-(r^2 + R^2) / 2 s^2) / (2 pi s^2)", () => {
  const [R, s] = [1, 0.5];
  for (const r of [0, 0.7, 1.1, 2]) {
    let [term, bessel] = [1, 1];
    for (let k = 1; k < 60; k++) bessel += term *= ((r * R) / s ** 2 / 2) ** 2 / k ** 2;
    const expected = Math.log(bessel / (2 * Math.PI * s * s)) - (r * r + R * R) / (2 * s * s);
    const at = ndarray(Float64Array.from([0.6 * r, 0.8 * r]), [1, 2]);
    expect(ring({ radius: R, noise: s }).logDensity!(at).data[0]).toBeCloseTo(expected, 12);
  }
});

test("the checkerboard has samples on its squares only, and the squares alternate", () => {
  for (const squares of [2, 4, 6]) {
    const board = checkerboard({ squares, halfWidth: 3 });
    const samples = board.sample(key("board"), 20_000);
    expect(board.logDensity!(samples).data.every((log) => log === -Math.log(18))).toBe(true);
    const side = 6 / squares;
    const counts = new Map<string, number>();
    for (const [x, y] of points(samples)) {
      const cell = `${Math.floor((x + 3) / side)},${Math.floor((y + 3) / side)}`;
      counts.set(cell, (counts.get(cell) ?? 0) + 1);
    }
    expect(counts.size).toBe(squares ** 2 / 2);
    const each = 20_000 / counts.size;
    expect([...counts.values()].every((count) => Math.abs(count - each) < 5 * Math.sqrt(each))).toBe(true);
    const outside = [
      [3, 0.1],
      [-2.9, 2.9],
      [0.1, -3.1],
    ];
    expect([...board.logDensity!(array(outside)).data].every((log) => log === -Infinity)).toBe(true);
  }
});

test("letters: every stroke has points by its length, and each letter and digit draws something of its own", () => {
  const samples = points(letters({ text: "L", halfWidth: 2, noise: 1e-4 }).sample(key("L"), 10_000));
  const upright = samples.filter(([x]) => Math.abs(x + 2) < 0.01).length;
  expect(Math.abs(upright / 10_000 - 0.6)).toBeLessThan(0.03);
  const pictures = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"].map((text) => {
    const cells = points(letters({ text, halfWidth: 2, noise: 1e-4 }).sample(key("font"), 3000)).map(
      ([x, y]) => `${Math.round(x)},${Math.round(y)}`,
    );
    return [...new Set(cells)].sort().join(" ");
  });
  expect(new Set(pictures).size).toBe(36);
});

test("options outside their ranges are refused by name", () => {
  const name = "wrong";
  expect(() => gaussianMixture([])).toThrow("gaussianMixture: expected at least one component");
  expect(() => gaussianMixture([{ mean: [0, 0], covariance: [1, 2, 1] }])).toThrow("positive definite");
  expect(() => gaussianMixture([{ mean: [0, 0], covariance: 1, weight: -1 }])).toThrow("weights >= 0");
  expect(() => checkerboard({ squares: 3 })).toThrow("even number of squares");
  expect(() => spiral({ arms: 3 })).toThrow("1, 2, 4 or 8 arms");
  expect(() => twoMoons({ noise: 0 })).toThrow("two-moons: expected a finite noise > 0, got 0");
  expect(() => pinwheel({ arms: 0 })).toThrow("pinwheel");
  expect(() => ring({ radius: Number.NaN })).toThrow("ring: expected a finite radius > 0, got NaN");
  expect(() => curve({ name, noise: -1, at: () => [0, 0] })).toThrow("wrong: expected");
  for (const text of ["", " ", "a-b", "ß", "__proto__"]) expect(() => letters({ text })).toThrow("letters");
});
