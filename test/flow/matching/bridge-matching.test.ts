import { describe, expect, test } from "vitest";
import { array, asType } from "../../../src/engine/array/index.ts";
import { key, normal, uniform } from "../../../src/engine/random/index.ts";
import {
  add,
  declarations,
  div,
  expandDims,
  filled,
  grad,
  input,
  interpret,
  mul,
  sub,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import { bridgeMatching } from "../../../src/flow/matching/index.ts";
import { affine, condOT, constantSpread, noisy, schrodingerBridge } from "../../../src/flow/path/index.ts";
import { checkGradient, sample } from "../../helpers/gradcheck.ts";
import { doubles } from "../path/cases.ts";
import { mean, std } from "./gaussian.ts";
import { type Net, net, netParams, noDraw } from "./nets.ts";

type Given = { x0: Tensor; x1: Tensor; z: Tensor; at: Tensor };

describe("a bridge between independent Gaussians", () => {
  const sigma = 0.8;
  /** xt is normal around t mean with this variance, whose derivative is `slope`. */
  const moments = (t: Tensor) => {
    const rest = sub(1, t);
    const ends = add(mul(mul(t, t), std ** 2), mul(rest, rest));
    const variance = add(ends, mul(mul(t, rest), sigma ** 2));
    const slope = add(mul(t, 2 * std ** 2 + 2 - 2 * sigma ** 2), sigma ** 2 - 2);
    return { variance, slope };
  };
  /** The exact answer, each part times a factor that is 1 at the minimum of the loss. */
  const exact =
    ({ v, c }: { v: Tensor; c: Tensor }) =>
    (x: Tensor, t: Tensor) => {
      const time = expandDims(t, -1);
      const { variance, slope } = moments(time);
      const centred = sub(x, mul(time, mean));
      const velocity = add(mul(centred, div(mul(slope, 0.5), variance)), mean);
      return {
        velocity: mul(velocity, v),
        correction: mul(mul(div(centred, variance), -(sigma ** 2) / 2), c),
      };
    };
  const slopesAt = (factors: { v: number; c: number }) =>
    Array.from({ length: 60 }, (_, i) => {
      const seed = key("bridge").fold(i);
      const drawn = (name: string) => asType(normal(seed.fold(name), [400, 1]), "float64");
      const x1 = drawn("x1");
      const given = {
        x0: drawn("x0"),
        x1: { ...x1, data: x1.data.map((value) => mean + std * value) },
        z: drawn("z"),
        at: asType(uniform(seed.fold("t"), [400], { low: 0.05, high: 0.95 }), "float64"),
      };
      const gradient = interpret(
        (at: { v: Tensor; c: Tensor }, pairs: Given) =>
          grad(bridgeMatching({ path: schrodingerBridge({ sigma }) })(exact(at), pairs, noDraw()).loss, at),
        { v: array(factors.v, "float64"), c: array(factors.c, "float64") },
        given,
      );
      return { v: gradient.v.data[0]!, c: gradient.c.data[0]! };
    });

  test.each(["v", "c"] as const)("has its minimum at the exact velocity and correction (%s)", (name) => {
    const level = (factors: { v: number; c: number }) => {
      const values = slopesAt(factors).map((slopes) => slopes[name]);
      const average = values.reduce((a, b) => a + b) / values.length;
      const variance = values.reduce((a, b) => a + (b - average) ** 2, 0) / (values.length - 1);
      return average / Math.sqrt(variance / values.length);
    };
    expect(Math.abs(level({ v: 1, c: 1 }))).toBeLessThan(4);
    expect(level({ v: 1.2, c: 1.2 })).toBeGreaterThan(6);
    expect(level({ v: 0.8, c: 0.8 })).toBeLessThan(-6);
  });
});

const path = noisy(affine(condOT), constantSpread(0.5));

test("the loss is that of the velocity, and of the correction times 2 gamma / sigma^2 against -z", () => {
  const given = {
    x0: array([[0], [1]], "float64"),
    x1: array([[2], [2]], "float64"),
    z: array([[1], [-2]], "float64"),
    at: doubles([0.5, 0.25]),
  };
  // velocity 2, 1 against 1; the factor is 2 / 0.5 up to 1e-8, so 4 (-0.25) = -1 against -1, 2
  const { loss, metrics } = interpret((pairs: Given) => {
    const answer = (x: Tensor) => ({
      velocity: filled(x.shape, 1, x.dtype),
      correction: filled(x.shape, -0.25, x.dtype),
    });
    return bridgeMatching({ path, correctionWeight: 0.1 })(answer, pairs, noDraw());
  }, given);
  expect(metrics.velocity.data[0]).toBeCloseTo(0.5, 14);
  expect(metrics.correction.data[0]).toBeCloseTo(4.5, 6);
  expect(loss.data[0]).toBeCloseTo(0.5 + 0.45, 6);
});

test("the gradient is that of finite differences", () => {
  const matching = bridgeMatching({ path: schrodingerBridge({ sigma: 0.6 }), correctionWeight: 0.5 });
  const given = {
    x0: sample([3, 2], 1),
    x1: sample([3, 2], 2),
    z: sample([3, 2], 3),
    at: doubles([0.2, 0.5, 0.7]),
  };
  const error = checkGradient(
    (params: Net, pairs: Given) => {
      const network = (x: Tensor, t: Tensor) => {
        const velocity = net(params, x, [t]);
        return { velocity, correction: mul(velocity, velocity) };
      };
      return matching(network, pairs, noDraw()).loss;
    },
    [netParams(1), given],
  );
  expect(error).toBeGreaterThan(0);
});

test("draws what it is not given, and refuses what does not fit", () => {
  const x1 = input("x1", { shape: [4, 2], dtype: "float32" });
  const { draw, declared } = declarations();
  const both = (x: Tensor) => ({ velocity: x, correction: x });
  bridgeMatching({ path })(both, { x1 }, draw);
  expect(declared.map(({ attributes }) => attributes.name)).toEqual(["x0", "time", "z"]);
  const option = expect.objectContaining({ kind: "option" });
  expect(() => bridgeMatching({ path, correctionWeight: -1 })).toThrow(option);
  const short = (x: Tensor) => ({ velocity: x, correction: x.slice({ axis: 0, stop: 1 }) });
  expect(() => bridgeMatching({ path })(short, { x1 }, declarations().draw)).toThrow(
    "bridgeMatching: expected a network that returns the shape of x, [4,2], got [1, 2].",
  );
});
