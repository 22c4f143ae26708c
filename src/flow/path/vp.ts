import { AdvectError } from "../../engine/error.ts";
import {
  add,
  clip,
  div,
  exp,
  log,
  maximum,
  mul,
  neg,
  recip,
  sqrt,
  sub,
  type Tensor,
  tanh,
} from "../../engine/tensor/index.ts";
import { type Scheduler, slopeFloor } from "./scheduler.ts";

export interface VPOptions {
  /** The rate of noise at t = 1, the data; > 0. Default 0.1. */
  readonly betaMin?: number;
  /** The rate of noise at t = 0; > 0, and may equal betaMin. Default 20. */
  readonly betaMax?: number;
}

/**
 * The variance-preserving diffusion with a linear rate of noise, seen from noise to data [ho2020]: with s = 1 - t,
 * T(t) = s betaMin + s^2 (betaMax - betaMin) / 2, alpha = exp(-T / 2), sigma = sqrt(1 - exp(-T)). At t = 0 alpha is
 * exp(-(betaMin + betaMax) / 4), 0.0066 by default, so the path never quite starts at pure noise; at t = 1 dSigma is
 * minus infinity and stops at -500 betaMin. Past t = 1, alpha stays 1 and sigma 0. Throws "option".
 */
export function vp({ betaMin = 0.1, betaMax = 20 }: VPOptions = {}): Scheduler {
  checkRates(betaMin, betaMax);
  const rise = betaMax - betaMin;
  const exponent = (s: Tensor) => mul(s, add(mul(s, rise / 2), betaMin));
  return {
    name: `vp(${betaMin}, ${betaMax})`,
    at: (t) => {
      const s = sub(1, t);
      const half = mul(maximum(exponent(s), 0), 0.5);
      const halfSlope = mul(add(mul(s, rise), betaMin), -0.5);
      const alpha = exp(neg(half));
      const sigma = sqrt(oneMinusExp(half));
      const dSigma = div(mul(halfSlope, mul(alpha, alpha)), maximum(sigma, slopeFloor));
      return { alpha, sigma, dAlpha: neg(mul(halfSlope, alpha)), dSigma };
    },
    snrInverse: (snr) => sub(1, remaining(snr, { betaMin, betaMax })),
  };
}

/** 1 - exp(-2h) = 2 tanh(h) / (1 + tanh(h)), which keeps its digits for small h. */
function oneMinusExp(h: Tensor): Tensor {
  const u = tanh(h);
  return div(mul(u, 2), add(u, 1));
}

/**
 * s = 1 - t in [0, 1] at alpha / sigma = r: exp(-T) = r^2 / (1 + r^2) gives T = log(1 + 1 / r^2), and the root of
 * (betaMax - betaMin) s^2 / 2 + betaMin s = T is written without a difference, so that equal rates need no case.
 */
function remaining(r: Tensor, { betaMin, betaMax }: Required<VPOptions>): Tensor {
  const largest = (betaMin + betaMax) / 2;
  const inverse = recip(r);
  const T = clip(log(add(mul(inverse, inverse), 1)), { low: 0, high: largest });
  const root = sqrt(add(mul(T, 2 * (betaMax - betaMin)), betaMin * betaMin));
  return clip(div(mul(T, 2), add(root, betaMin)), { low: 0, high: 1 });
}

function checkRates(betaMin: number, betaMax: number): void {
  if (Number.isFinite(betaMin + betaMax) && betaMin > 0 && betaMax > 0) return;
  throw new AdvectError("option", "vp", {
    expected: "finite betaMin > 0 and betaMax > 0",
    got: `betaMin ${betaMin}, betaMax ${betaMax}`,
    fix: "The usual rates are 0.1 and 20.",
  });
}
