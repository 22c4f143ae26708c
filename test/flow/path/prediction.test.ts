import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import { compile } from "../../../src/engine/runtime/index.ts";
import { constant, input, interpret, mul, type Tensor } from "../../../src/engine/tensor/index.ts";
import {
  affine,
  asVelocity,
  condOT,
  convert,
  endpoints,
  type Prediction,
  polynomial,
  type Scheduler,
  scoreWeight,
} from "../../../src/flow/path/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { anyScheduler, doubles, ends, filledWith, inside, schedulers } from "./cases.ts";

const predictions: readonly Prediction[] = ["velocity", "target", "noise", "score"];
const anyPrediction = fc.constantFrom(...predictions);
const x0 = sample([2, 3], 1);
const x1 = sample([2, 3], 2);

/** What a perfect network predicts at t on the path from x0 to x1, and the ends recovered from it. */
function recovered(scheduler: Scheduler, prediction: Prediction, t: number) {
  return interpret(
    (a: Tensor, b: Tensor, time: Tensor) => {
      const { xt, velocity } = affine(scheduler).sample({ x0: a, x1: b, t: time });
      const value = convert(scheduler, {
        prediction: "velocity",
        to: prediction,
        value: velocity,
        xt,
        t: time,
      });
      return { ...endpoints(scheduler, { prediction, value, xt, t: time }), value, xt };
    },
    x0,
    x1,
    filledWith(t, [2]),
  );
}

const near = (got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number) =>
  Array.from(got).forEach((value, i) => {
    expect(Math.abs(value - want[i]!)).toBeLessThan(tolerance * (1 + Math.abs(want[i]!)));
  });

test("every prediction gives back both ends of the path, under every scheduler", () => {
  fc.assert(
    fc.property(anyScheduler, anyPrediction, inside, (scheduler, prediction, t) => {
      const ends = recovered(scheduler, prediction, t);
      near(ends.x0.data, x0.data, 1e-9);
      near(ends.x1.data, x1.data, 1e-9);
    }),
  );
});

test("every conversion round-trips from any value, under every scheduler", () => {
  fc.assert(
    fc.property(anyScheduler, anyPrediction, anyPrediction, inside, (scheduler, prediction, to, t) => {
      const back = (value: Tensor, xt: Tensor, time: Tensor) => {
        const there = convert(scheduler, { prediction, to, value, xt, t: time });
        return convert(scheduler, { prediction: to, to: prediction, value: there, xt, t: time });
      };
      near(interpret(back, x0, x1, filledWith(t, [2])).data, x0.data, 1e-8);
    }),
  );
});

describe("at the end points", () => {
  test.each(schedulers)(
    "$name gives the noise at t = 0 and the data at t = 1 from a velocity",
    (scheduler) => {
      near(recovered(scheduler, "velocity", 1).x1.data, x1.data, 1e-12);
      if (!scheduler.name.startsWith("vp")) near(recovered(scheduler, "velocity", 0).x0.data, x0.data, 1e-12);
    },
  );

  test("an end that cannot be known is 0 for a consistent input", () => {
    near(recovered(polynomial(2), "velocity", 0).x1.data, [0, 0, 0, 0, 0, 0], 1e-12);
    near(recovered(condOT, "target", 1).x0.data, [0, 0, 0, 0, 0, 0], 1e-12);
    near(recovered(condOT, "noise", 0).x1.data, [0, 0, 0, 0, 0, 0], 1e-12);
  });

  test("every conversion of anything is finite, also compiled in float32", async () => {
    const pairs = schedulers.flatMap((scheduler) =>
      predictions.flatMap((prediction) => predictions.map((to) => ({ scheduler, prediction, to }))),
    );
    const convertAll = (value: Tensor, xt: Tensor, t: Tensor) =>
      pairs.map(({ scheduler, ...kinds }) => convert(scheduler, { ...kinds, value, xt, t }));
    const shape = [ends.length, 2];
    const numbers = [sample(shape, 1), sample(shape, 2)].map(({ data }) =>
      ndarray(Float32Array.from(data), shape),
    );
    const t = ndarray(Float32Array.from(ends), [ends.length]);
    const interpreted = interpret(convertAll, numbers[0]!, numbers[1]!, t);
    const spec = { shape, dtype: "float32" } as const;
    await using compiled = await compile(convertAll, [
      spec,
      spec,
      { shape: [ends.length], dtype: "float32" },
    ]);
    const run = await compiled(numbers[0]!, numbers[1]!, t);
    pairs.forEach(({ scheduler, prediction, to }, i) => {
      const values = [...interpreted[i]!.data, ...run[i]!.data];
      expect(values.every(Number.isFinite), `${scheduler.name}: ${prediction} to ${to}`).toBe(true);
    });
  });
});

test("the score of Gaussian data is the gradient of its log density", () => {
  const [mean, deviation] = [1.3, 0.6];
  for (const scheduler of schedulers) {
    for (const time of [0.2, 0.7]) {
      const c = interpret((t: Tensor) => scheduler.at(t), doubles([time]));
      const [a, s, da, ds] = [c.alpha, c.sigma, c.dAlpha, c.dSigma].map(({ data }) => data[0]!) as [
        number,
        number,
        number,
        number,
      ];
      const variance = (a * deviation) ** 2 + s ** 2;
      const x = 0.4;
      // The velocity regressed on x: E[velocity] + cov(velocity, x) / var(x) (x - E[x]).
      const velocity = da * mean + ((da * a * deviation ** 2 + ds * s) / variance) * (x - a * mean);
      const score = interpret(
        (value: Tensor, xt: Tensor, t: Tensor) =>
          convert(scheduler, { prediction: "velocity", to: "score", value, xt, t }),
        doubles([velocity]),
        doubles([x]),
        doubles([time]),
      ).data[0]!;
      expect(score / (-(x - a * mean) / variance)).toBeCloseTo(1, 8);
      const weight = interpret((t: Tensor) => scoreWeight(scheduler, t), doubles([time])).data[0]!;
      expect(((da / a) * x + weight * score) / velocity).toBeCloseTo(1, 8);
    }
  }
});

test("asVelocity turns a network that predicts the noise into a field", () => {
  const noise = (x: Tensor, t: Tensor) => mul(x, t.reshape([2, 1]));
  const field = asVelocity(noise, { scheduler: condOT, prediction: "noise" });
  const velocity = interpret(field, ndarray(Float64Array.of(1, 2), [2, 1], "float64"), doubles([0.5, 0.25]));
  // x0 = t x and x1 = (x - (1 - t) x0) / t; v = x1 - x0.
  near(velocity.data, [(1 - 0.5 * 0.5) / 0.5 - 0.5, (2 - 0.75 * 0.5) / 0.25 - 0.5], 1e-12);
});

test("a time that does not fit is refused in the name of the function", () => {
  const tensor = (shape: number[]) => input("x", { shape, dtype: "float32" });
  const predicted = {
    prediction: "target",
    value: tensor([4, 2]),
    xt: tensor([4, 2]),
    t: constant(0.5),
  } as const;
  expect(() => endpoints(condOT, predicted)).toThrow("endpoints: expected t of shape [4] or [4, 2], got []");
  expect(() => convert(condOT, { ...predicted, to: "noise" })).toThrow("convert: expected t");
});
