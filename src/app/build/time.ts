import { AdvectError } from "../../engine/error.ts";
import type { Tensor } from "../../engine/tensor/index.ts";
import {
  betaTime,
  cosmapTime,
  edmSkewed,
  logitNormal,
  minSnrWeight,
  modeTime,
  type Scheduler,
  stratified,
  type TimeSampler,
  uniformTime,
  velocityWeight,
} from "../../flow/index.ts";
import type { TimeWords, WeightWords } from "../recipe/index.ts";

/** The sampler of training times that the words name. Throws "option". */
export function timeOf(words: TimeWords): TimeSampler {
  const sampler = plain(words);
  return "stratified" in words && words.stratified ? stratified(sampler) : sampler;
}

function plain(words: TimeWords): TimeSampler {
  switch (words.kind) {
    case "uniform":
      return uniformTime;
    case "cosmap":
      return cosmapTime;
    case "logitNormal":
      return logitNormal(words);
    case "edmSkewed":
      return edmSkewed(words);
    case "beta":
      return betaTime(words);
    case "mode":
      return modeTime(words);
  }
}

interface Weighing {
  readonly scheduler: Scheduler;
  readonly prediction: "velocity" | "target" | "noise" | "v";
  readonly time: TimeSampler;
}

/** The factor of the squared error that the words name. Throws "option" where the prediction or the times have none. */
export function weightOf(
  words: WeightWords,
  { scheduler, prediction, time }: Weighing,
): (t: Tensor) => Tensor {
  if (words.kind === "density") return time.density ?? refuse("times that have a density", time.name);
  if (prediction === "v") return refuse("the prediction velocity, target or noise", prediction);
  if (words.kind === "velocity") return velocityWeight(scheduler, { ...words, prediction });
  if (prediction === "velocity") return refuse("the prediction target or noise for minSnr", prediction);
  return minSnrWeight(scheduler, { ...words, prediction });
}

function refuse(expected: string, got: string): never {
  throw new AdvectError("option", "method.weight", { expected, got, fix: "Leave method.weight out." });
}
