import { div, maximum, mul, sub, type Tensor } from "../../engine/tensor/index.ts";

/** The numbers of xt = alpha x1 + sigma x0 and of its velocity dAlpha x1 + dSigma x0, each of the shape of t. */
export interface Coefficients {
  readonly alpha: Tensor;
  readonly sigma: Tensor;
  readonly dAlpha: Tensor;
  readonly dSigma: Tensor;
}

/**
 * How noise turns into data: alpha rises and sigma falls as t, of any shape, goes from 0 to 1. Everything is finite in
 * [0, 1], both included: slopes that are infinite there stop at the value of `slopeFloor`. Outside of [0, 1] the
 * formulas continue where they are real; elsewhere the value at the end point is held. Derivatives by t are given, not to
 * be taken: those of clipped formulas are not numbers at the clip.
 */
export interface Scheduler {
  readonly name: string;
  at(t: Tensor): Coefficients;
  /** The t in [0, 1] at which alpha / sigma is `snr` >= 0 (infinity allowed); 0 below what the scheduler reaches. */
  snrInverse(snr: Tensor): Tensor;
}

/** A scheduler with alpha + sigma = 1, as mixture paths of discrete data need; alpha is then called kappa. */
export type ConvexScheduler = Scheduler & {
  /** The t at which alpha is `kappa`, in [0, 1]. */
  kappaInverse(kappa: Tensor): Tensor;
};

/** The smallest divisor of a value: quotients of quantities that vanish together come out finite. */
export const valueFloor = 1e-6;

/** The smallest divisor of a slope that is infinite at an end point: slopes stay below about 1000 times the natural one. */
export const slopeFloor = 1e-3;

/** alpha / sigma, not its square; sigma is held above 1e-6, so t = 1 gives 1e6 and no infinity. */
export function snr(scheduler: Scheduler, t: Tensor): Tensor {
  const { alpha, sigma } = scheduler.at(t);
  return div(alpha, maximum(sigma, valueFloor));
}

/** dAlpha sigma - dSigma alpha = sigma^2 d(alpha / sigma) / dt >= 0: how fast the path trades noise for data. */
export function exchange({ alpha, sigma, dAlpha, dSigma }: Coefficients): Tensor {
  return sub(mul(dAlpha, sigma), mul(dSigma, alpha));
}
