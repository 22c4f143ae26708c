import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { input, interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import {
  affine,
  blurredCondOT,
  brownianSpread,
  condOT,
  constantSpread,
  cosine,
  type NoisyPath,
  noisy,
  schrodingerBridge,
  snr,
} from "../../../src/flow/path/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { doubles, filledWith, inside, slopeOf } from "./cases.ts";

const draws = { x0: sample([2, 3], 1), x1: sample([2, 3], 2), z: sample([2, 3], 3) };
const along = (path: NoisyPath, t: number) =>
  interpret(
    (draw: { x0: Tensor; x1: Tensor; z: Tensor; t: Tensor }) => {
      const { xt, velocity, gamma } = path.sample(draw);
      return { xt, velocity, gamma };
    },
    { ...draws, t: filledWith(t, [2]) },
  );
const paths = [
  noisy(affine(cosine), constantSpread(0.4)),
  noisy(affine(condOT), brownianSpread({ sigma: 0.7, softening: 1e-20 })),
  schrodingerBridge({ sigma: 2 }),
];

test.each(paths)("the velocity of $name is the derivative of the point, for the same z", (path) => {
  fc.assert(
    fc.property(inside, (t) => {
      along(path, t).velocity.data.forEach((v, i) => {
        const numeric = slopeOf((s) => along(path, s).xt.data[i]!, t);
        expect(Math.abs(v - numeric)).toBeLessThan(2e-6 * (1 + Math.abs(numeric)));
      });
    }),
    { numRuns: 20 },
  );
});

describe("a Brownian bridge", () => {
  const bridge = schrodingerBridge({ sigma: 2 });

  test("ends exactly at both ends, and is finite everywhere", () => {
    expect([...along(bridge, 0).xt.data]).toEqual([...draws.x0.data]);
    expect([...along(bridge, 1).xt.data]).toEqual([...draws.x1.data]);
    const largest = [0, 1e-12, 5e-9, 2 ** -24, 1 - 2 ** -24, 1].map((t) =>
      Math.max(...along(bridge, t).velocity.data.map(Math.abs)),
    );
    expect(Math.max(...largest)).toBeLessThan(2 * 3600 * 2 + 4);
    expect(Math.max(...largest)).toBeGreaterThan(1000);
  });

  test("is widest in the middle, sigma / 2", () => {
    expect(along(bridge, 0.5).gamma.data[0]).toBeCloseTo(1, 14);
    expect(along(bridge, 0.2).gamma.data[0]).toBeCloseTo(0.8, 14);
  });
});

test("no noise leaves the path, and names tell both", () => {
  const plain = interpret((draw: { x0: Tensor; x1: Tensor; t: Tensor }) => affine(condOT).sample(draw), {
    x0: draws.x0,
    x1: draws.x1,
    t: filledWith(0.3, [2]),
  });
  const none = along(noisy(affine(condOT), constantSpread(0)), 0.3);
  expect([...none.xt.data]).toEqual([...plain.xt.data]);
  expect([...none.velocity.data]).toEqual([...plain.velocity.data]);
  expect(schrodingerBridge({ sigma: 2 }).name).toBe("affine(condOT) + brownian(2)");
});

describe("blurredCondOT", () => {
  const scheduler = blurredCondOT({ sigmaMin: 0.1 });

  test("ends at the data blurred by sigmaMin, with the derivatives of its coefficients", () => {
    const { alpha, sigma, dAlpha, dSigma } = interpret((t: Tensor) => scheduler.at(t), doubles([0, 0.5, 1]));
    expect([...alpha.data]).toEqual([0, 0.5, 1]);
    [1, 0.55, 0.1].forEach((value, i) => expect(sigma.data[i]).toBeCloseTo(value, 14));
    expect([...dAlpha.data]).toEqual([1, 1, 1]);
    for (const slope of dSigma.data) expect(slope).toBeCloseTo(-0.9, 14);
  });

  test("finds t from alpha / sigma, up to infinity", () => {
    const times = [0, 0.1, 0.5, 0.9, 1];
    const back = interpret((t: Tensor) => scheduler.snrInverse(snr(scheduler, t)), doubles(times));
    times.forEach((t, i) => expect(back.data[i]).toBeCloseTo(t, 13));
    const far = interpret((r: Tensor) => scheduler.snrInverse(r), doubles([11, Number.POSITIVE_INFINITY]));
    expect([...far.data]).toEqual([1, 1]);
  });
});

test("scales that cannot be, and noise of another shape, are refused", () => {
  const option = expect.objectContaining({ kind: "option" });
  for (const sigma of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => constantSpread(sigma)).toThrow(option);
    expect(() => schrodingerBridge({ sigma })).toThrow(option);
  }
  expect(() => brownianSpread({ sigma: 1, softening: 0 })).toThrow(option);
  for (const sigmaMin of [-0.1, 1, Number.NaN]) expect(() => blurredCondOT({ sigmaMin })).toThrow(option);
  const tensor = (shape: number[]) => input("x", { shape, dtype: "float32" });
  const x = tensor([2, 3]);
  const draw = { x0: x, x1: x, t: tensor([2]), z: tensor([2, 1]) };
  expect(() => schrodingerBridge({ sigma: 1 }).sample(draw)).toThrow(
    "path.sample: expected z of the shape of x1, [2,3], got [2, 1].",
  );
});
