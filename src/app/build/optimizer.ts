import {
  type AdamOptions,
  adam,
  amsgrad,
  constantDecay,
  constantRate,
  cosineRate,
  type Decay,
  linearRate,
  type Optimizer,
  oneCycleRate,
  powerDecay,
  type Rate,
  sgd,
  warmupDecay,
  withWarmup,
} from "../../train/index.ts";
import type { Training } from "../recipe/index.ts";

/** What a trainer takes from the words of `training`; the schedules end after `steps`. Throws "option". */
export function optimization(training: Training, steps: number) {
  const { clipNorm, microBatches } = training;
  const ema = decayOf(training.ema);
  return {
    learningRate: rateOf(training.learningRate, steps),
    optimizer: optimizerOf(training.optimizer),
    ...(ema && { ema }),
    ...(clipNorm !== undefined && { clipNorm }),
    ...(microBatches !== undefined && { microBatches }),
  };
}

function optimizerOf({ kind, ...options }: Training["optimizer"]): AdamOptions | Optimizer {
  if (kind === "adamW") return options; // the fused one
  return { adam, amsgrad, sgd }[kind](options);
}

function rateOf(words: Training["learningRate"], steps: number): Rate {
  if (words.kind === "oneCycle") return oneCycleRate({ ...words, steps });
  const { warmup = 0 } = words;
  const rest = Math.max(steps - warmup, 1);
  return withWarmup(plainRate(words, rest), { steps: warmup });
}

function plainRate(words: Exclude<Training["learningRate"], { kind: "oneCycle" }>, steps: number): Rate {
  if (words.kind === "constant") return constantRate(words.rate);
  const { from, to = 0 } = words;
  return words.kind === "linear" ? linearRate({ from, to, steps }) : cosineRate({ from, to, steps });
}

function decayOf(words: Training["ema"]): Decay | undefined {
  if (words.kind === "none") return undefined;
  if (words.kind === "power") return powerDecay(words);
  return (words.kind === "warmup" ? warmupDecay : constantDecay)(words.decay);
}
