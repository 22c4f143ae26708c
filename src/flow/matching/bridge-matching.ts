import { add, cast, type Draw, div, mean, mul, neg, type Tensor } from "../../engine/tensor/index.ts";
import { alongEvent } from "../field/index.ts";
import { type NoisyPath, type NoisySample, type TimeSampler, uniformTime } from "../path/index.ts";
import { squaredError } from "./flow-matching.ts";
import { answered, checkOptions, endsOf, type GivenPairs, type MatchingLoss, sampleAt } from "./pairs.ts";

export interface BridgeMatchingOptions {
  /** `schrodingerBridge({ sigma })`, or another path with noise of its own. */
  readonly path: NoisyPath;
  /** Default: uniformTime. */
  readonly time?: TimeSampler;
  /** The factor of the correction's loss, >= 0; default 1. */
  readonly correctionWeight?: number;
}

/** What the network of a bridge answers, both of the shape of x. */
export interface BridgeAnswer {
  readonly velocity: Tensor;
  /** (sigma^2 / 2) times the score of p_t: what the drift of dx = (velocity + correction) dt + sigma dW has more. */
  readonly correction: Tensor;
}

/** The trainer's loss and what it consists of. */
export interface BridgeLoss {
  readonly loss: Tensor;
  readonly metrics: { readonly velocity: Tensor; readonly correction: Tensor };
}

/**
 * Flow and score matching at once: mean (velocity - v)^2 + correctionWeight mean (scoreFactor correction + z)^2, with
 * the scoreFactor of the path's spread [tong2024b]. `solveSde` takes score = 2 correction / sigma^2 and diffusion sigma.
 * Throws "option" here; the loss throws "shape".
 */
export function bridgeMatching({
  path,
  time = uniformTime,
  correctionWeight = 1,
}: BridgeMatchingOptions): MatchingLoss<Tensor, BridgeAnswer, BridgeLoss> {
  const valid = correctionWeight >= 0;
  checkOptions("bridgeMatching", { correctionWeight: [correctionWeight, valid, ">= 0"] });
  return <C>(
    network: (x: Tensor, t: Tensor, condition: C) => BridgeAnswer,
    pairs: GivenPairs<C>,
    draw: Draw,
  ): BridgeLoss => {
    const ends = endsOf("bridgeMatching", pairs, draw);
    const t = pairs.at ?? cast(time.sample(draw, [pairs.x1.shape[0]!]), pairs.x1.dtype);
    const sample = sampleAt(path, { ...ends, t, ...(pairs.z && { z: pairs.z }) }, draw) as NoisySample;
    const answer = network(sample.xt, t, pairs.condition as C);
    const checked = (value: Tensor) => answered("bridgeMatching", value, sample.xt);
    const factor = alongEvent("bridgeMatching", scoreFactor(sample.gamma, path.spread.scale), sample.xt);
    const velocity = mean(squaredError(checked(answer.velocity), sample.velocity, t));
    const correction = mean(squaredError(mul(checked(answer.correction), factor), neg(sample.z), t));
    return { loss: add(velocity, mul(correction, correctionWeight)), metrics: { velocity, correction } };
  };
}

/** 2 gamma / (sigma^2 + 1e-8): times (sigma^2 / 2) score it is -E[z | xt], of size 1 at every t [tong2024b]. */
export function scoreFactor(gamma: Tensor, sigma: number): Tensor {
  return div(mul(gamma, 2), sigma ** 2 + 1e-8);
}
