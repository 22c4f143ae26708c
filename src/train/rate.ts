import { AdvectError } from "../engine/error.ts";
import { check, count, index, nonNegative, positive } from "./check.ts";

/** The learning rate of step 0, 1, 2, … */
export type Rate = (step: number) => number;

/** rate(s) = rate. Throws "option". */
export function constantRate(rate: number): Rate {
  check("constantRate", nonNegative, { rate });
  return () => rate;
}

/** What `learningRate` options take: a number stands for a constant. Throws "option". */
export function asRate(learningRate: number | Rate): Rate {
  return typeof learningRate === "function" ? learningRate : constantRate(learningRate);
}

/** rate(s) = from + (to - from) min(s / steps, 1). Throws "option". */
export function linearRate({ from, to, steps }: { from: number; to: number; steps: number }): Rate {
  check("linearRate", nonNegative, { from, to });
  check("linearRate", count, { steps });
  return (step) => from + (to - from) * Math.min(step / steps, 1);
}

/**
 * rate(0) s / steps while s < steps, rate(s - steps) afterwards: `rate` starts when the warm-up ends. With steps 0 it
 * is `rate` itself. Throws "option".
 */
export function withWarmup(learningRate: number | Rate, { steps }: { steps: number }): Rate {
  check("withWarmup", index, { steps });
  const rate = asRate(learningRate);
  return (step) => (step < steps ? (rate(0) * step) / steps : rate(step - steps));
}

/** rate(s) = rate factor^floor(s / every). Throws "option". */
export function stepRate(options: { rate: number; every: number; factor: number }): Rate {
  const { rate, every, factor } = options;
  check("stepRate", nonNegative, { rate });
  check("stepRate", count, { every });
  check("stepRate", positive, { factor });
  return (step) => rate * factor ** Math.floor(step / every);
}

/** rate(s) = rate factor^k, k the number of milestones <= s. Throws "option". */
export function multiStepRate(options: {
  rate: number;
  milestones: readonly number[];
  factor: number;
}): Rate {
  const { rate, milestones, factor } = options;
  check("multiStepRate", nonNegative, { rate });
  check("multiStepRate", positive, { factor });
  if (!Array.isArray(milestones)) {
    throw new AdvectError("option", "multiStepRate", { expected: "milestones, a list", got: milestones });
  }
  for (const [i, milestone] of milestones.entries()) {
    check("multiStepRate", index, { [`milestones[${i}]`]: milestone });
  }
  return (step) => rate * factor ** milestones.filter((milestone) => milestone <= step).length;
}

/** rate(s) = rate factor^s. Throws "option". */
export function exponentialRate({ rate, factor }: { rate: number; factor: number }): Rate {
  check("exponentialRate", nonNegative, { rate });
  check("exponentialRate", positive, { factor });
  return (step) => rate * factor ** step;
}

/** rate(s) = rate (1 - min(s / steps, 1))^power; power 1 if left out. Throws "option". */
export function polynomialRate(options: { rate: number; steps: number; power?: number }): Rate {
  const { rate, steps, power = 1 } = options;
  check("polynomialRate", nonNegative, { rate });
  check("polynomialRate", count, { steps });
  check("polynomialRate", positive, { power });
  return (step) => rate * (1 - Math.min(step / steps, 1)) ** power;
}
