import { expect, test } from "vitest";
import { interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import {
  convertDiffusion,
  type DiffusionPrediction,
  diffusionEnds,
  predictionOf,
  probabilityFlow,
  scoreField,
} from "../../../src/flow/diffusion/index.ts";
import { affine, cosine, type Scheduler } from "../../../src/flow/path/index.ts";
import { schedulers } from "../path/cases.ts";
import { doubles, linear, predictions, squaredCosine } from "./cases.ts";

const x0 = doubles([0.3, -1.2, 0.8, 2.1, -0.4, 0.9], [3, 2]);
const x1 = doubles([1.4, 0.2, -0.7, 0.5, -1.9, 0.1], [3, 2]);
const t = doubles([0.15, 0.5, 0.9]);
const all: readonly Scheduler[] = [...schedulers, linear, squaredCosine];
const pairs = predictions.flatMap((from) => predictions.map((to) => [from, to] as const));

const near = (got: ArrayLike<number>, want: ArrayLike<number>, digits = 6) =>
  expect(Array.from(got)).toEqual(Array.from(want, (value) => expect.closeTo(value, digits)));

test.each(pairs)("%s and %s say the same, on every path", (from, to) => {
  for (const scheduler of all) {
    const { converted, back, direct, ends } = interpret(
      (noise: Tensor, data: Tensor, time: Tensor) => {
        const { xt } = affine(scheduler).sample({ x0: noise, x1: data, t: time });
        const of = (word: DiffusionPrediction) =>
          predictionOf(scheduler, { x0: noise, x1: data, t: time, to: word });
        const at = { xt, t: time };
        const value = convertDiffusion(scheduler, { prediction: from, to, value: of(from), ...at });
        return {
          converted: value,
          back: convertDiffusion(scheduler, { prediction: to, to: from, value, ...at }).sub(of(from)),
          direct: of(to),
          ends: diffusionEnds(scheduler, { prediction: from, value: of(from), ...at }),
        };
      },
      x0,
      x1,
      t,
    );
    near(converted.data, direct.data);
    near(back.data, new Float64Array(6));
    near(ends.x0.data, x0.data);
    near(ends.x1.data, x1.data);
  }
});

test("v is the velocity by the angle, which falls by pi/2 from noise to data on the cosine path", () => {
  const { v, velocity } = interpret(
    (noise: Tensor, data: Tensor, time: Tensor) => ({
      v: predictionOf(cosine, { x0: noise, x1: data, t: time, to: "v" }),
      velocity: predictionOf(cosine, { x0: noise, x1: data, t: time, to: "velocity" }),
    }),
    x0,
    x1,
    t,
  );
  near(
    velocity.data,
    v.data.map((value) => (-Math.PI / 2) * value),
    10,
  );
});

test("v gives both ends also where there is only noise, or only data", () => {
  const times = doubles([0, 1, 1]);
  const ends = interpret(
    (noise: Tensor, data: Tensor, time: Tensor) => {
      const { xt } = affine(cosine).sample({ x0: noise, x1: data, t: time });
      const value = predictionOf(cosine, { x0: noise, x1: data, t: time, to: "v" });
      return diffusionEnds(cosine, { prediction: "v", value, xt, t: time });
    },
    x0,
    x1,
    times,
  );
  near(ends.x0.data, x0.data, 12);
  near(ends.x1.data, x1.data, 12);
});

test("a network's velocity and score belong together, whatever it predicts", () => {
  const network = (x: Tensor) => x.mul(0.3).add(0.1);
  const trained = { scheduler: squaredCosine, prediction: "v" } as const;
  const { velocity, score } = interpret(
    (x: Tensor, time: Tensor) => {
      const fromScore = probabilityFlow(scoreField(network, trained), {
        scheduler: squaredCosine,
        prediction: "score",
      });
      return { velocity: probabilityFlow(network, trained)(x, time), score: fromScore(x, time) };
    },
    x1,
    t,
  );
  near(score.data, velocity.data);
});
