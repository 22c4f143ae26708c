import { ndarray } from "../../engine/array/index.ts";
import { interpret, type Tensor } from "../../engine/tensor/index.ts";
import { type Scheduler, scoreWeight } from "../path/index.ts";

/**
 * g(t) of the diffusion that turns data into noise along this path, g^2 = 2 sigma (dAlpha sigma - dSigma alpha) / alpha:
 * with it, dx = (v + g^2 / 2 score) dt + g dW is the reverse-time equation of the score-based models, for
 * `solveSde({ velocity, score, diffusion: diffusionRate(scheduler) }, …)`, and `ddpm` one of its discretisations
 * [song2021b, Eq. 6]. For `fromBetas` it is the square root of the rate of noise. Very large where alpha is 0.
 */
export function diffusionRate(scheduler: Scheduler): (t: number) => number {
  const weight = (t: Tensor) => scoreWeight(scheduler, t);
  return (t) =>
    Math.sqrt(2 * Math.max(interpret(weight, ndarray(Float64Array.of(t), [1], "float64")).data[0]!, 0));
}
