import { div, filled, maximum, minimum, mul, type Tensor } from "../../engine/tensor/index.ts";
import type { Prediction, Scheduler } from "../path/index.ts";
import { exchange, valueFloor } from "../path/scheduler.ts";
import { checkOptions } from "./pairs.ts";

export interface VelocityWeightOptions {
  readonly prediction: Exclude<Prediction, "score">;
  /** The smallest divisor, in (0, 1]; default 0.05, which bounds the weight of condOT by 400. */
  readonly floor?: number;
}

/**
 * Makes the loss of a prediction that of the velocity which follows from it: e^2 / sigma^2 for the target and
 * e^2 / alpha^2 for the noise, with e = dAlpha sigma - dSigma alpha, and 1 for the velocity; sigma and alpha are held
 * above `floor`. Throws "option".
 */
export function velocityWeight(
  scheduler: Scheduler,
  { prediction, floor = 0.05 }: VelocityWeightOptions,
): (t: Tensor) => Tensor {
  checkOptions("velocityWeight", { floor: [floor, floor > 0 && floor <= 1, "in (0, 1]"] });
  if (prediction === "velocity") return (t) => filled(t.shape, 1, t.dtype);
  return (t) => {
    const c = scheduler.at(t);
    const factor = div(exchange(c), maximum(prediction === "target" ? c.sigma : c.alpha, floor));
    return mul(factor, factor);
  };
}

export interface MinSnrOptions {
  readonly prediction: "target" | "noise";
  /** > 0; default 5. */
  readonly limit?: number;
}

/**
 * min(s, limit) for the target and min(s, limit) / s for the noise, s = alpha^2 / sigma^2: no t dominates
 * [hang2023]. Throws "option".
 */
export function minSnrWeight(
  scheduler: Scheduler,
  { prediction, limit = 5 }: MinSnrOptions,
): (t: Tensor) => Tensor {
  checkOptions("minSnrWeight", { limit: [limit, limit > 0, "> 0"] });
  const ratio = (a: Tensor, b: Tensor) => {
    const quotient = div(a, maximum(b, valueFloor));
    return mul(quotient, quotient);
  };
  return (t) => {
    const { alpha, sigma } = scheduler.at(t);
    if (prediction === "target") return minimum(ratio(alpha, sigma), limit);
    return minimum(mul(ratio(sigma, alpha), limit), 1);
  };
}
