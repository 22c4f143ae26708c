import { z } from "zod";
import { choice, count, index, nonNegative, object, oneOf, positive, rate } from "./words.ts";

const adam = {
  beta1: rate.exactOptional(),
  beta2: rate.exactOptional(),
  epsilon: positive.exactOptional(),
  weightDecay: nonNegative.exactOptional(),
};

const optimizer = oneOf([
  choice("adamW", adam),
  choice("adam", adam),
  choice("amsgrad", adam),
  choice("sgd", {
    momentum: rate.exactOptional(),
    dampening: rate.exactOptional(),
    nesterov: z.boolean().exactOptional(),
    weightDecay: nonNegative.exactOptional(),
  }),
]);

/** Steps of a linear rise from 0 before the schedule. */
const warmup = { warmup: index.exactOptional() };
const down = { from: positive, to: nonNegative.exactOptional() };

/** A number is a constant rate. Schedules end with the last step of training. */
const learningRate = oneOf(
  [
    choice("constant", { ...warmup, rate: positive }),
    choice("cosine", { ...warmup, ...down }),
    choice("linear", { ...warmup, ...down }),
    choice("oneCycle", { peak: positive, rise: z.number().gt(0).lt(1).exactOptional() }),
  ],
  (value) => ({ kind: "constant", rate: value }),
);

const decay = z.number().min(0).max(1);

/** The moving average of the parameters, which is what samples; a number is its decay once it has warmed up. */
const ema = oneOf(
  [
    choice("none", {}),
    choice("constant", { decay }),
    choice("warmup", { decay }),
    choice("power", {
      inverseGamma: positive.exactOptional(),
      power: nonNegative.exactOptional(),
      min: decay.exactOptional(),
      max: decay.exactOptional(),
      delaySteps: index.exactOptional(),
    }),
  ],
  (value) => ({ kind: "warmup", decay: value }),
);

export const training = object({
  /** Samples of a step, or of each of its micro-batches. */
  batch: count.default(256),
  steps: count.exactOptional(),
  /** In the place of steps: as many as take so long on this machine. */
  seconds: positive.exactOptional(),
  optimizer: optimizer.default({ kind: "adamW" }),
  learningRate: learningRate.default({ kind: "cosine", from: 1e-3 }),
  ema: ema.default({ kind: "warmup", decay: 0.999 }),
  /** Largest norm of the gradient. */
  clipNorm: positive.exactOptional(),
  microBatches: count.exactOptional(),
  validation: object({
    /** Of the data, kept from training. */
    part: z.number().gt(0).lt(1).default(0.1),
    every: count.default(500),
    batches: count.default(4),
    /** Validations without progress before training ends. */
    patience: count.exactOptional(),
  }).exactOptional(),
  checkpoint: object({ every: count.default(1000), keep: count.default(2) }).prefault({}),
  log: object({ every: count.default(50) }).prefault({}),
});

export type Training = z.infer<typeof training>;
