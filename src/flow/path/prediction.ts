import {
  add,
  div,
  lessEqual,
  maximum,
  mul,
  neg,
  sub,
  type Tensor,
  where,
} from "../../engine/tensor/index.ts";
import type { VelocityField } from "../field/index.ts";
import { coefficientsAt } from "./affine.ts";
import { type Coefficients, exchange, type Scheduler, valueFloor } from "./scheduler.ts";

/**
 * What a network can be asked for at (xt, t): the velocity, the target x1, the noise x0, or the score, the gradient of
 * log p_t, which is -noise / sigma where x0 is standard normal. Each determines the others.
 */
export type Prediction = "velocity" | "target" | "noise" | "score";

/** A prediction and where it was made. value, xt: [batch, ...event]; t: [batch] or [batch, tokens]. */
export interface Predicted {
  readonly prediction: Prediction;
  readonly value: Tensor;
  readonly xt: Tensor;
  readonly t: Tensor;
}

export interface Endpoints {
  readonly x0: Tensor;
  readonly x1: Tensor;
}

/**
 * Both ends of the path, solved from xt = alpha x1 + sigma x0 and, for a velocity, v = dAlpha x1 + dSigma x0. Divisors
 * are held above 1e-6, so everything is finite in [0, 1]: where an end cannot be known (x1 from the noise at alpha = 0,
 * x0 from the target at sigma = 0, x1 from a velocity where the path stands still) a consistent input gives 0 for it,
 * and an inconsistent one up to 1e6 times its error. Throws "shape".
 */
export function endpoints(scheduler: Scheduler, { prediction, value, xt, t }: Predicted): Endpoints {
  const c = coefficientsAt("endpoints", scheduler, { x: xt, t });
  return solvers[prediction](value, xt, c);
}

type Solver = (value: Tensor, xt: Tensor, coefficients: Coefficients) => Endpoints;

const solvers: Readonly<Record<Prediction, Solver>> = {
  velocity: (v, xt, c) => {
    const speed = maximum(exchange(c), valueFloor);
    const x1 = div(sub(mul(v, c.sigma), mul(xt, c.dSigma)), speed);
    const x0 = div(sub(mul(xt, c.dAlpha), mul(v, c.alpha)), speed);
    // Near the noise the first equation divides by about 1, also where the path stands still.
    return { x1, x0: where(lessEqual(c.alpha, c.sigma), noiseOf(x1, xt, c), x0) };
  },
  target: (x1, xt, c) => ({ x1, x0: noiseOf(x1, xt, c) }),
  noise: (x0, xt, c) => ({ x0, x1: targetOf(x0, xt, c) }),
  score: (score, xt, c) => {
    const x0 = neg(mul(score, c.sigma));
    return { x0, x1: targetOf(x0, xt, c) };
  },
};

function noiseOf(x1: Tensor, xt: Tensor, { alpha, sigma }: Coefficients): Tensor {
  return div(sub(xt, mul(x1, alpha)), maximum(sigma, valueFloor));
}

function targetOf(x0: Tensor, xt: Tensor, { alpha, sigma }: Coefficients): Tensor {
  return div(sub(xt, mul(x0, sigma)), maximum(alpha, valueFloor));
}

/** The same knowledge as another prediction, of the shape of xt; clipped as `endpoints`. Throws "shape". */
export function convert(scheduler: Scheduler, predicted: Predicted & { readonly to: Prediction }): Tensor {
  const { prediction, to, value, xt, t } = predicted;
  const c = coefficientsAt("convert", scheduler, { x: xt, t });
  return prediction === to ? value : readers[to](solvers[prediction](value, xt, c), c);
}

const readers: Readonly<Record<Prediction, (ends: Endpoints, coefficients: Coefficients) => Tensor>> = {
  velocity: ({ x0, x1 }, { dAlpha, dSigma }) => add(mul(x1, dAlpha), mul(x0, dSigma)),
  target: ({ x1 }) => x1,
  noise: ({ x0 }) => x0,
  score: ({ x0 }, { sigma }) => neg(div(x0, maximum(sigma, valueFloor))),
};

/**
 * The velocity field of a network that predicts something else, so that every solver and wrapper takes it. A network
 * for the noise or the score says little about x1 where alpha is 0, and its error there is divided by alpha: start such
 * a flow at a t with alpha of about 0.01, or train it with `vp`. Throws "shape".
 */
export function asVelocity(
  network: (x: Tensor, t: Tensor) => Tensor,
  { scheduler, prediction }: { readonly scheduler: Scheduler; readonly prediction: Prediction },
): VelocityField {
  return (x, t) => convert(scheduler, { prediction, to: "velocity", value: network(x, t), xt: x, t });
}

/**
 * The factor of the score in v = (dAlpha / alpha) x + scoreWeight(t) score, that is sigma (dAlpha sigma - dSigma alpha)
 * / alpha, with alpha held above 1e-6; standard normal x0. As the scale of `guideByEnergy` it makes the samples follow
 * p_t exp(-energy), renormalised.
 */
export function scoreWeight(scheduler: Scheduler, t: Tensor): Tensor {
  const c = scheduler.at(t);
  return div(mul(c.sigma, exchange(c)), maximum(c.alpha, valueFloor));
}
