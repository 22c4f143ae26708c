import { AdvectError } from "../../engine/error.ts";
import {
  cast,
  type Draw,
  mean,
  mul,
  reshape,
  sameShape,
  sub,
  type Tensor,
} from "../../engine/tensor/index.ts";
import {
  affine,
  condOT,
  type NoisyPath,
  type Path,
  type PathSample,
  type Prediction,
  type TimeSampler,
  uniformTime,
} from "../path/index.ts";
import {
  answered,
  checkOptions,
  endsOf,
  type GivenPairs,
  type MatchingLoss,
  repeated,
  sampleAt,
} from "./pairs.ts";

export interface FlowMatchingOptions {
  /** Default: affine(condOT). */
  readonly path?: Path | NoisyPath;
  /** What the network is asked for; "velocity" unless given. */
  readonly prediction?: Exclude<Prediction, "score">;
  /** The factor of the squared error at t, of its shape: `velocityWeight`, or a TimeSampler's density. Default: 1. */
  readonly weight?: (t: Tensor) => Tensor;
  /** Default: uniformTime. */
  readonly time?: TimeSampler;
  /** One t for each sample, [batch], unless "tokens": [batch, tokens] for x1 of shape [batch, tokens, ...]. */
  readonly timesFor?: "samples" | "tokens";
  /** How many t for each pair; default 1. The network sees batch x timesPerSample rows, those of a pair side by side. */
  readonly timesPerSample?: number;
}

/**
 * Conditional flow matching: the mean over the batch and its elements of weight(t) (network(xt, t) - target)^2, where
 * target is the path's velocity, x1 or x0 [lipman2023; tong2024]. Its minimum is the marginal velocity (E[x1 | xt],
 * E[x0 | xt]), whatever coupling the pairs come from. A given `at` is t, [batch x timesPerSample] (or with tokens).
 * Throws "option" here; the loss throws "shape".
 */
export function flowMatching(options: FlowMatchingOptions = {}): MatchingLoss {
  const { path = affine(condOT), prediction = "velocity", weight, timesPerSample = 1 } = options;
  const wanted = targets[prediction];
  checkCount(timesPerSample);
  if (!wanted) {
    const expected = `prediction ${Object.keys(targets).join(", ")}`;
    throw new AdvectError("option", "flowMatching", { expected, got: prediction });
  }
  return <C>(
    network: (x: Tensor, t: Tensor, condition: C) => Tensor,
    pairs: GivenPairs<C>,
    draw: Draw,
  ): Tensor => {
    const ends = repeated(endsOf("flowMatching", pairs, draw), timesPerSample);
    const t = pairs.at ?? timesOf(options, pairs.x1, draw);
    const sample = sampleAt(path, { ...ends, t, ...(pairs.z && { z: pairs.z }) }, draw);
    const condition = repeated(pairs.condition, timesPerSample) as C;
    const answer = answered("flowMatching", network(sample.xt, t, condition), sample.xt);
    return weightedMean(squaredError(answer, wanted(sample), t), t, weight);
  };
}

const targets: Readonly<Record<string, (sample: PathSample) => Tensor>> = {
  velocity: ({ velocity }) => velocity,
  target: ({ x1 }) => x1,
  noise: ({ x0 }) => x0,
};

/** The times of a pair are columns of one row while drawn, so that stratified ones spread over the batch for each. */
function timesOf(
  { time = uniformTime, timesFor, timesPerSample = 1 }: FlowMatchingOptions,
  x1: Tensor,
  draw: Draw,
) {
  const [batch, tokens] = x1.shape as [number, number | undefined];
  const each = timesFor === "tokens" ? [tokens ?? 1] : [];
  const columns = [timesPerSample, ...each].reduce((a, b) => a * b);
  const drawn = time.sample(draw, columns === 1 ? [batch] : [batch, columns]);
  return cast(reshape(drawn, [batch * timesPerSample, ...each]), x1.dtype);
}

/** The mean of (a - b)^2 over the axes that t lacks: the shape of t. */
export function squaredError(a: Tensor, b: Tensor, t: Tensor): Tensor {
  const error = sub(a, b);
  return mean(mul(error, error), { axes: a.shape.map((_, axis) => axis).slice(t.rank) });
}

/** The mean of weight(t) errors. Throws "shape" unless the weights have the shape of t. */
export function weightedMean(errors: Tensor, t: Tensor, weight?: (t: Tensor) => Tensor): Tensor {
  if (!weight) return mean(errors);
  const factor = weight(t);
  if (sameShape(factor.shape, t.shape)) return mean(mul(errors, factor));
  const expected = `weights of the shape of t, [${t.shape}]`;
  throw new AdvectError("shape", "flowMatching", { expected, got: factor.shape });
}

function checkCount(timesPerSample: number): void {
  const valid = Number.isSafeInteger(timesPerSample) && timesPerSample >= 1;
  checkOptions("flowMatching", { timesPerSample: [timesPerSample, valid, "to be a whole number >= 1"] });
}
