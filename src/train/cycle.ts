import { AdvectError } from "../engine/error.ts";
import { check, count, nonNegative, positive } from "./check.ts";
import type { Rate } from "./rate.ts";

/** How far from one rate to the next, 0 to 1, after a share u in [0, 1] of the way. */
export type Anneal = (u: number) => number;

/** (1 - cos(pi u)) / 2. */
export const cosineAnneal: Anneal = (u) => (1 - Math.cos(Math.PI * u)) / 2;

/** u. */
export const linearAnneal: Anneal = (u) => u;

/**
 * rate(s) = to + (from - to) (1 + cos(pi s / steps)) / 2 [loshchilov2017, Eq. 5]; `to` is 0 if left out. Past `steps`
 * it rises again, with period 2 steps, as torch's CosineAnnealingLR does. Throws "option".
 */
export function cosineRate(options: { from: number; to?: number; steps: number }): Rate {
  const { from, to = 0, steps } = options;
  check("cosineRate", nonNegative, { from, to });
  check("cosineRate", count, { steps });
  return (step) => from + (to - from) * cosineAnneal(step / steps);
}

export interface RestartOptions {
  readonly from: number;
  /** Default 0. */
  readonly to?: number;
  /** Length of the first cycle. */
  readonly steps: number;
  /** Each cycle is this many times longer than the last, an integer; default 1. */
  readonly growth?: number;
}

/**
 * rate(s) = to + (from - to) (1 + cos(pi u)) / 2, u in [0, 1) the share done of the cycle s lies in; cycle i is
 * steps growth^i long [loshchilov2017]. Throws "option".
 */
export function restartingRate({ from, to = 0, steps, growth = 1 }: RestartOptions): Rate {
  check("restartingRate", nonNegative, { from, to });
  check("restartingRate", count, { steps, growth });
  return (step) => {
    let start = growth === 1 ? step - (step % steps) : 0;
    let length = steps;
    for (; step >= start + length; length *= growth) start += length;
    return from + (to - from) * cosineAnneal((step - start) / length);
  };
}

export interface OneCycleOptions {
  /** The highest rate. */
  readonly peak: number;
  /** Steps of the whole cycle. */
  readonly steps: number;
  /** Share of the steps until the peak, above 1 / steps and below 1 (3 phases: at most 1/2); default 0.3. */
  readonly rise?: number;
  /** First rate = peak / divisor; default 25. */
  readonly divisor?: number;
  /** Last rate = first rate / finalDivisor; default 10 000. */
  readonly finalDivisor?: number;
  /** 2: up, then down to the last rate. 3: up, down to the first rate as fast, down to the last. Default 2. */
  readonly phases?: 2 | 3;
  /** Default cosineAnneal. */
  readonly anneal?: Anneal;
}

interface Phase {
  readonly end: number;
  readonly to: number;
}

/**
 * One rise to a peak and one fall [smith2018], at torch's times: with a = rise steps, the peak is at s = a - 1, the
 * first rate again (3 phases) at 2 a - 2, the last rate at steps - 1 and after. Throws "option".
 */
export function oneCycleRate(options: OneCycleOptions): Rate {
  const { first, phases } = plan(options);
  const { anneal = cosineAnneal } = options;
  return (step) => {
    const found = phases.findIndex(({ end }) => step <= end);
    const current = found === -1 ? phases.length - 1 : found;
    const { end, to } = phases[current]!;
    const { end: start, to: from } = phases[current - 1] ?? { end: 0, to: first };
    return from + (to - from) * anneal(Math.min((step - start) / (end - start), 1));
  };
}

function plan(options: OneCycleOptions): { first: number; phases: readonly Phase[] } {
  const { peak, steps, rise = 0.3, divisor = 25, finalDivisor = 1e4, phases = 2 } = options;
  check("oneCycleRate", positive, { peak, divisor, finalDivisor });
  check("oneCycleRate", count, { steps });
  const latest = phases === 3 ? 0.5 : 1;
  if (!(phases === 2 || phases === 3) || !(rise * steps > 1 && rise <= latest && rise < 1)) {
    throw new AdvectError("option", "oneCycleRate", {
      expected: `phases 2 or 3 and rise above 1 / ${steps} and at most ${latest}`,
      got: `phases ${phases} and rise ${rise}`,
      fix: "Set rise to the share of the steps before the peak, for example 0.3.",
    });
  }
  const first = peak / divisor;
  const up = { end: rise * steps - 1, to: peak };
  const down = { end: 2 * rise * steps - 2, to: first };
  const out = { end: steps - 1, to: first / finalDivisor };
  return { first, phases: phases === 3 ? [up, down, out] : [up, out] };
}
