import { add, div, mul, sub, type Tensor } from "../../engine/tensor/index.ts";
import type { VelocityField } from "../field/index.ts";
import {
  affine,
  coefficientsAt,
  convert,
  type Endpoints,
  endpoints,
  type Predicted,
  type Prediction,
  type Scheduler,
} from "../path/index.ts";

/**
 * The predictions of flow/path, and v = alpha x0 - sigma x1, which stays well conditioned at both ends [salimans2022].
 * On a variance-preserving path v is the velocity by the angle atan(sigma / alpha), which falls with t:
 * velocity = -(dAlpha sigma - dSigma alpha) v.
 */
export type DiffusionPrediction = Prediction | "v";

/** A prediction and where it was made, as `Predicted`. */
export type DiffusionPredicted = Omit<Predicted, "prediction"> & { readonly prediction: DiffusionPrediction };

/**
 * Both ends of the path from any prediction; for v, x1 = alpha xt - sigma v and x0 = sigma xt + alpha v, over
 * alpha^2 + sigma^2; otherwise as `endpoints`. Throws "shape".
 */
export function diffusionEnds(scheduler: Scheduler, predicted: DiffusionPredicted): Endpoints {
  const { prediction, value, xt, t } = predicted;
  if (prediction !== "v") return endpoints(scheduler, { prediction, value, xt, t });
  const { alpha, sigma } = coefficientsAt("diffusionEnds", scheduler, { x: xt, t });
  const size = add(mul(alpha, alpha), mul(sigma, sigma));
  return {
    x1: div(sub(mul(xt, alpha), mul(value, sigma)), size),
    x0: div(add(mul(xt, sigma), mul(value, alpha)), size),
  };
}

/** `convert` of flow/path, which also knows v. Throws "shape". */
export function convertDiffusion(
  scheduler: Scheduler,
  predicted: DiffusionPredicted & { readonly to: DiffusionPrediction },
): Tensor {
  const { prediction, to, value, xt, t } = predicted;
  if (prediction === to) return value;
  if (prediction !== "v" && to !== "v") return convert(scheduler, { prediction, to, value, xt, t });
  return predictionOf(scheduler, { ...diffusionEnds(scheduler, predicted), t, to });
}

/** What a network should say about a pair at t, of the shape of x1: the other side of `diffusionEnds`. Throws "shape". */
export function predictionOf(
  scheduler: Scheduler,
  { x0, x1, t, to }: Endpoints & { readonly t: Tensor; readonly to: DiffusionPrediction },
): Tensor {
  if (to === "target") return x1;
  if (to === "noise") return x0;
  const { xt, velocity } = affine(scheduler).sample({ x0, x1, t });
  if (to === "velocity") return velocity;
  if (to === "score") return convert(scheduler, { prediction: "noise", to, value: x0, xt, t });
  const { alpha, sigma } = coefficientsAt("predictionOf", scheduler, { x: x1, t });
  return sub(mul(x0, alpha), mul(x1, sigma));
}

/** A network, before it is known to be a velocity: x [batch, ...event] and t [batch] to the shape of x. */
export type Network = (x: Tensor, t: Tensor) => Tensor;

/** What a network was trained to predict, and on which path. */
export interface Trained {
  readonly scheduler: Scheduler;
  readonly prediction: DiffusionPrediction;
}

/**
 * The velocity of the probability flow, dx/dt = dAlpha x1 + dSigma x0 with both as the network sees them: a diffusion
 * model for every solver and wrapper [song2021b, Eq. 13]. Throws "shape".
 */
export function probabilityFlow(network: Network, { scheduler, prediction }: Trained): VelocityField {
  return (x, t) =>
    convertDiffusion(scheduler, { prediction, to: "velocity", value: network(x, t), xt: x, t });
}

/** The gradient of log p_t that a network knows, -x0 / sigma: for `solveSde`, beside `probabilityFlow`. Throws "shape". */
export function scoreField(network: Network, { scheduler, prediction }: Trained): VelocityField {
  return (x, t) => convertDiffusion(scheduler, { prediction, to: "score", value: network(x, t), xt: x, t });
}
