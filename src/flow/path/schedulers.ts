import { AdvectError } from "../../engine/error.ts";
import {
  add,
  cos,
  div,
  filled,
  maximum,
  mul,
  neg,
  pow,
  recip,
  sin,
  sqrt,
  sub,
  type Tensor,
} from "../../engine/tensor/index.ts";
import { type ConvexScheduler, type Scheduler, slopeFloor, valueFloor } from "./scheduler.ts";

/** alpha = t, sigma = 1 - t: straight lines at constant speed [lipman2023]. The formulas hold for every t. */
export const condOT: ConvexScheduler = {
  name: "condOT",
  at: (t) => ({
    alpha: t,
    sigma: sub(1, t),
    dAlpha: filled(t.shape, 1, t.dtype),
    dSigma: filled(t.shape, -1, t.dtype),
  }),
  snrInverse: kappaOfSnr,
  kappaInverse: (kappa) => kappa,
};

/**
 * alpha = t^n, sigma = 1 - t^n: the same lines, at speed n t^(n - 1) [lipman2024]. At t = 0 a speed with
 * n > 1 is 0, so velocities know nothing about the data there; with n < 1 it is infinite, and stops at its value at
 * t = 1e-6. Negative t count as 0. Throws "option" unless n is a finite number > 0.
 */
export function polynomial(n: number): ConvexScheduler {
  if (!(Number.isFinite(n) && n > 0)) {
    throw new AdvectError("option", "polynomial", {
      expected: "a finite n > 0",
      got: n,
      fix: "n = 1 is condOT; larger n stay longer near the noise.",
    });
  }
  const kappaInverse = (kappa: Tensor) => pow(kappa, 1 / n);
  return {
    name: `polynomial(${n})`,
    at: (t) => {
      const base = maximum(t, 0);
      const alpha = pow(base, n);
      const dAlpha = mul(pow(n < 1 ? maximum(base, valueFloor) : base, n - 1), n);
      return { alpha, sigma: sub(1, alpha), dAlpha, dSigma: neg(dAlpha) };
    },
    snrInverse: (snr) => kappaInverse(kappaOfSnr(snr)),
    kappaInverse,
  };
}

/**
 * alpha = t, sigma = sqrt(1 - t^2): variance 1 throughout when both ends have it. dSigma = -t / sigma is minus infinity
 * at t = 1 and stops at -1000, which changes it for 1 - t < 5e-7 only. Past t = 1, sigma stays 0.
 */
export const linearVP: Scheduler = {
  name: "linearVP",
  at: (t) => {
    const sigma = sqrt(maximum(sub(1, mul(t, t)), 0));
    const dSigma = neg(div(t, maximum(sigma, slopeFloor)));
    return { alpha: t, sigma, dAlpha: filled(t.shape, 1, t.dtype), dSigma };
  },
  snrInverse: sineOfSnr,
};

/** alpha = sin(pi t / 2), sigma = cos(pi t / 2): linearVP at constant angular speed. The formulas hold for every t. */
export const cosine: Scheduler = {
  name: "cosine",
  at: (t) => {
    const angle = mul(t, Math.PI / 2);
    const alpha = sin(angle);
    const sigma = cos(angle);
    return { alpha, sigma, dAlpha: mul(sigma, Math.PI / 2), dSigma: mul(alpha, -Math.PI / 2) };
  },
  snrInverse: (snr) => mul(arctangent(snr), 2 / Math.PI),
};

/** r / (1 + r), in a form that is 0 at r = 0 and 1 at infinity. */
function kappaOfSnr(r: Tensor): Tensor {
  return recip(add(recip(r), 1));
}

/** r / sqrt(1 + r^2), likewise. */
function sineOfSnr(r: Tensor): Tensor {
  const inverse = recip(r);
  return recip(sqrt(add(mul(inverse, inverse), 1)));
}

/**
 * atan(r) for r >= 0, infinity included, from sines: y + sin(atan(r) - y) is an angle whose error is a sixth of the
 * cube of that of y. The start, pi/2 r / (1 + r), is wrong by less than 0.08, so two rounds leave 5e-14.
 */
function arctangent(r: Tensor): Tensor {
  const sine = sineOfSnr(r);
  const adjacent = recip(sqrt(add(mul(r, r), 1)));
  const refine = (y: Tensor) => add(y, sub(mul(sine, cos(y)), mul(adjacent, sin(y))));
  return refine(refine(mul(kappaOfSnr(r), Math.PI / 2)));
}
