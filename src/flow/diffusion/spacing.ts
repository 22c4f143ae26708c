import { AdvectError } from "../../engine/error.ts";
import { checkCount } from "../solver/check.ts";
import type { BetaScheduler } from "./from-betas.ts";

/**
 * Which of N steps to keep, n of them, from the noisiest on. "leading": multiples of floor(N / n), from step 0 up, which
 * leaves out the noisiest steps; "linspace": from N - 1 to 0, both included; "trailing": N - 1 and every (N / n)-th below,
 * rounded, halves to even [lin2024, Table 2]. With n = N all three keep every step.
 */
export type Spacing = "leading" | "linspace" | "trailing";

export interface Respacing {
  /** From 1 to the number of steps that there are. */
  readonly count: number;
  /** Default: "trailing", whose first step is the noisiest, where x0 is drawn. */
  readonly spacing?: Spacing;
}

const rules: Readonly<Record<Spacing, (i: number, of: number, count: number) => number>> = {
  leading: (i, of, count) => (count - 1 - i) * Math.floor(of / count),
  linspace: (i, of, count) => (count === 1 ? of - 1 : toEven(((count - 1 - i) * (of - 1)) / (count - 1))),
  trailing: (i, of, count) => toEven(of - (i * of) / count) - 1,
};

/** The nearest whole number, halves to the even one. */
function toEven(value: number): number {
  const nearest = Math.round(value);
  return nearest - value === 0.5 && nearest % 2 === 1 ? nearest - 1 : nearest;
}

/** The kept steps among 0 ... of - 1, falling. Throws "option". */
export function spacedSteps({
  of,
  count,
  spacing = "trailing",
}: Respacing & { readonly of: number }): number[] {
  checkCount("spacedSteps", "of", of);
  checkCount("spacedSteps", "count", count);
  if (count > of || !(spacing in rules)) {
    throw new AdvectError("option", "spacedSteps", {
      expected: `a count of at most ${of}, spaced ${Object.keys(rules).join(", ")}`,
      got: `${count}, ${spacing}`,
      fix: "Fewer steps are kept than there are; to make more, train with more betas.",
    });
  }
  return Array.from({ length: count }, (_, i) => rules[spacing](i, of, count));
}

/** The path times of the kept steps, rising, and then 1: `count` transitions for `denoise`. Throws "option". */
export function spacedTimes(scheduler: BetaScheduler, respacing: Respacing): number[] {
  return [...spacedSteps({ of: scheduler.steps, ...respacing }).map(scheduler.timeOf), 1];
}
