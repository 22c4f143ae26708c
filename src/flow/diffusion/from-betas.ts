import { ndarray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import {
  add,
  cast,
  clip,
  constant,
  div,
  exp,
  expandDims,
  floor,
  greaterEqual,
  log,
  maximum,
  minimum,
  mul,
  neg,
  recip,
  sqrt,
  sub,
  sum,
  type Tensor,
  take,
  tanh,
} from "../../engine/tensor/index.ts";
import type { Coefficients, Scheduler } from "../path/index.ts";
import { slopeFloor } from "../path/scheduler.ts";

/** A Scheduler with discrete noise levels. Step k = 0 is next to the data, as in the papers; path time runs the other way. */
export type BetaScheduler = Scheduler & {
  readonly steps: number;
  readonly betas: readonly number[];
  /** alphaBar_k = product over j <= k of (1 - beta_j): alpha^2 at step k. */
  readonly alphaBars: readonly number[];
  /** The path time of step k, 1 - (k + 1) / steps: the noisiest step is at 0, and -1, the data, at 1. Throws "option". */
  timeOf(step: number): number;
};

/**
 * The variance-preserving path through the levels of a discrete diffusion: alpha = sqrt(alphaBar_k), sigma =
 * sqrt(1 - alphaBar_k) at timeOf(k), alpha = 1 and sigma = 0 at t = 1 [ho2020]. Between levels the rate of noise is
 * constant, -steps log(1 - beta_k), which is the stochastic differential equation with these steps [song2021b]. Rates
 * jump at the levels, so solvers should step from level to level, with stages between, as `midpoint` has them; a time at
 * most 1e-3 / steps before a level has its rate, which bridges rounding. At t = 1 dSigma stops as that of `vp`.
 * betas: in (0, 1), step 0 first. Throws "option".
 */
export function fromBetas(betas: readonly number[]): BetaScheduler {
  checkBetas(betas);
  const steps = betas.length;
  const tables = tablesOf(betas);
  return {
    name: `fromBetas(${steps})`,
    steps,
    betas: [...betas],
    alphaBars: tables.exponents
      .slice(0, steps)
      .map((exponent) => Math.exp(-exponent))
      .reverse(),
    timeOf: (step) => timeOf(step, steps),
    at: (t) => coefficients(tables, t),
    snrInverse: (snr) => timeOfSnr(tables, snr),
  };
}

/** By intervals [i, i + 1] / steps of path time. */
interface Tables {
  /** T with alpha^2 = exp(-T), at i / steps: [steps + 1], falling to 0. */
  readonly exponents: readonly number[];
  /** How much T falls in the interval: [steps]. */
  readonly falls: readonly number[];
}

function tablesOf(betas: readonly number[]): Tables {
  const exponents = [0];
  for (const beta of betas) exponents.push(exponents.at(-1)! - Math.log1p(-beta));
  return { exponents: exponents.reverse(), falls: betas.map((beta) => -Math.log1p(-beta)).reverse() };
}

function coefficients({ exponents, falls }: Tables, t: Tensor): Coefficients {
  const steps = falls.length;
  const place = mul(t, steps);
  const index = clip(floor(add(place, 1e-3)), { low: 0, high: steps - 1 });
  const fall = at(falls, index);
  const half = mul(maximum(sub(at(exponents, index), mul(fall, sub(place, index))), 0), 0.5);
  const alpha = exp(neg(half));
  const sigma = sqrt(oneMinusExp(half));
  const halfSlope = mul(fall, -steps / 2);
  const dSigma = div(mul(halfSlope, mul(alpha, alpha)), maximum(sigma, slopeFloor));
  return { alpha, sigma, dAlpha: neg(mul(halfSlope, alpha)), dSigma };
}

/** T = log(1 + 1 / snr^2), then the interval that T is in, then its place there. */
function timeOfSnr({ exponents, falls }: Tables, snr: Tensor): Tensor {
  const steps = falls.length;
  const inverse = recip(snr);
  const T = log(add(mul(inverse, inverse), 1));
  const passed = greaterEqual(table(exponents.slice(1), T), expandDims(T, -1));
  const index = minimum(sum(cast(passed, T.dtype), { axes: -1 }), steps - 1);
  const within = div(sub(at(exponents, index), T), at(falls, index));
  return clip(mul(add(index, within), 1 / steps), { low: 0, high: 1 });
}

const table = (values: readonly number[], like: Tensor): Tensor =>
  constant(ndarray(Float64Array.from(values), [values.length], "float64"), like.dtype);

const at = (values: readonly number[], index: Tensor): Tensor =>
  take(table(values, index), cast(index, "int32"));

/** 1 - exp(-2h) = 2 tanh(h) / (1 + tanh(h)), which keeps its digits for small h. */
function oneMinusExp(h: Tensor): Tensor {
  const u = tanh(h);
  return div(mul(u, 2), add(u, 1));
}

function timeOf(step: number, steps: number): number {
  if (Number.isInteger(step) && step >= -1 && step < steps) return (steps - 1 - step) / steps;
  throw new AdvectError("option", "timeOf", {
    expected: `a whole number from -1 (the data) to ${steps - 1}`,
    got: step,
  });
}

function checkBetas(betas: readonly number[]): void {
  const wrong = betas.findIndex((beta) => !(beta > 0 && beta < 1));
  if (betas.length > 0 && wrong < 0) return;
  throw new AdvectError("option", "fromBetas", {
    expected: "one or more variances in (0, 1)",
    got: wrong < 0 ? "none" : `${betas[wrong]} at step ${wrong}`,
    fix: "Use linearBetas, scaledLinearBetas or squaredCosineBetas.",
  });
}
