import { type Draw, sub, type Tensor } from "../../engine/tensor/index.ts";
import {
  affine,
  bridgeMatching,
  brownianSpread,
  consistency,
  constantSpread,
  diffusionMatching,
  flowMatching,
  type Interval,
  type MatchingLoss,
  type MeanFlowLoss,
  meanFlow,
  noisy,
  type Scheduler,
  shortcut,
  uniformTime,
} from "../../flow/index.ts";
import type { Objective } from "../../train/index.ts";
import type { MethodWords } from "../recipe/index.ts";
import type { Moment, Told } from "./network.ts";
import { timeOf, weightOf } from "./time.ts";

/** A network with its parameters: x, when, and what it is told, to the shape of x. */
export type Answering = (x: Tensor, when: Moment, told: Told) => Tensor;

export interface Networks {
  readonly main: Answering;
  /** The correction of a bridge. */
  readonly second: Answering;
}

/** What a step learns from, as tensors. */
export interface Pairs {
  readonly x1: Tensor;
  readonly x0?: Tensor;
  readonly condition: Told;
}

/** The loss that a method computes from its networks. */
export type Matching = (networks: Networks, pairs: Pairs, draw: Draw) => Tensor | Objective;

/** Throws "option". */
export function objectiveOf(words: MethodWords, scheduler: Scheduler): Matching {
  const path = affine(scheduler);
  const { time: given, ...options } = words;
  const time = given && { time: timeOf(given) };
  switch (options.kind) {
    case "flowMatching":
    case "diffusionMatching":
      return atTimes(regression({ ...options, ...(given && { time: given }) }, scheduler));
    case "reflow":
      return atTimes(flowMatching({ path, ...time }));
    case "consistency":
      return atTimes(consistency({ path, ...options, ...time }));
    case "meanFlow":
      return overIntervals(meanFlow({ path, ...options, ...time }));
    case "shortcut":
      return overIntervals(shortcut({ path, ...options, ...time }));
    case "bridgeMatching": {
      const { sigma, ...others } = options;
      const matching = bridgeMatching({ path: noisy(path, brownianSpread({ sigma })), ...others, ...time });
      return ({ main, second }, pairs, draw) => {
        const answer = (x: Tensor, t: Tensor, told: Told) => ({
          velocity: main(x, { t }, told),
          correction: second(x, { t }, told),
        });
        return matching(answer, pairs, draw) as unknown as Objective;
      };
    }
  }
}

type Regression = Extract<MethodWords, { kind: "flowMatching" | "diffusionMatching" }>;

function regression(words: Regression, scheduler: Scheduler): MatchingLoss {
  const prediction = predictionOf(words);
  const time = words.time && timeOf(words.time);
  const weight = words.weight && weightOf(words.weight, { scheduler, prediction, time: time ?? uniformTime });
  const { timesPerSample } = words;
  const options = {
    ...(time && { time }),
    ...(weight && { weight }),
    ...(timesPerSample !== undefined && { timesPerSample }),
  };
  if (words.kind === "diffusionMatching") return diffusionMatching({ ...options, scheduler, prediction });
  const path = affine(scheduler);
  const whole = words.spread === undefined ? path : noisy(path, constantSpread(words.spread));
  return flowMatching({ ...options, path: whole, prediction: prediction as Exclude<typeof prediction, "v"> });
}

/** What the network of a method answers. */
export function predictionOf(words: MethodWords): "velocity" | "target" | "noise" | "v" {
  if (words.kind === "diffusionMatching") return words.prediction ?? "noise";
  return (words.kind === "flowMatching" && words.prediction) || "velocity";
}

function atTimes(matching: MatchingLoss): Matching {
  return ({ main }, pairs, draw) =>
    matching((x: Tensor, t: Tensor, told: Told) => main(x, { t }, told), pairs, draw);
}

function overIntervals(
  matching: MatchingLoss<Interval> | MatchingLoss<Interval, Tensor, MeanFlowLoss>,
): Matching {
  const loss = matching as MatchingLoss<Interval, Tensor, Tensor | Objective>;
  return ({ main }, pairs, draw) =>
    loss(
      (x: Tensor, { from, to }: Interval, told: Told) => main(x, { t: from, length: sub(to, from) }, told),
      pairs,
      draw,
    );
}
