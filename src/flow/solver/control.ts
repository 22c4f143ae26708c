import { checkCount, checkPositive } from "./check.ts";
import { type ErrorNorm, wholeBatch } from "./error-norm.ts";

/** Steps that the error estimate chooses [hairer1993, II.4]. */
export interface AdaptiveControl {
  readonly kind: "adaptive";
  readonly relative: number;
  readonly absolute: number;
  readonly norm: ErrorNorm;
  readonly ends: "clip" | "overshoot";
  readonly firstStep: number | undefined;
  readonly safety: number;
  readonly largest: number;
  readonly smallest: number;
  readonly maxSteps: number;
}

export interface AdaptiveOptions {
  /** Allowed error: absolute + relative |x|. Both 1e-5 unless given. */
  readonly relative?: number;
  readonly absolute?: number;
  /** `wholeBatch` (default): one step size for all; `perSample`: every sample has its own time and step. */
  readonly norm?: ErrorNorm;
  /**
   * "clip" (default): the last step ends at the end. "overshoot": torchdiffeq's conventions; steps run past the end,
   * where results are interpolated, and the last stage of any method stands for v at the new state.
   */
  readonly ends?: "clip" | "overshoot";
  /** > 0; chosen by two evaluations unless given [hairer1993, II.4]. */
  readonly firstStep?: number;
  /** Factors of the step size: 0.9 of what the error asks for, at most 10, at least 0.2. */
  readonly safety?: number;
  readonly largest?: number;
  readonly smallest?: number;
  /** Attempts, rejected ones included; 10,000 unless given. */
  readonly maxSteps?: number;
}

/** Adaptive steps. Throws "option" unless tolerances, factors and counts are > 0. */
export function adaptive(options: AdaptiveOptions = {}): AdaptiveControl {
  const { relative = 1e-5, absolute = 1e-5, firstStep, norm = wholeBatch, ends = "clip" } = options;
  const { safety = 0.9, largest = 10, smallest = 0.2, maxSteps = 10_000 } = options;
  checkPositive("adaptive", { relative, absolute, safety, largest, smallest, firstStep: firstStep ?? 1 });
  checkCount("adaptive", "maxSteps", maxSteps);
  return { kind: "adaptive", relative, absolute, norm, ends, firstStep, safety, largest, smallest, maxSteps };
}

/** Steps of a fixed grid. */
export interface FixedControl {
  readonly kind: "fixed";
  readonly stepSize: number | undefined;
  readonly between: "smooth" | "linear";
}

export interface FixedOptions {
  /** > 0; one step from each time to the next unless given. The last step is shortened to reach the end. */
  readonly stepSize?: number;
  /** Times inside a step: "smooth" (default) interpolates with the slopes, "linear" as torchdiffeq does. */
  readonly between?: "smooth" | "linear";
}

/** Fixed steps. Throws "option" unless stepSize > 0. */
export function fixed({ stepSize, between = "smooth" }: FixedOptions = {}): FixedControl {
  checkPositive("fixed", { stepSize: stepSize ?? 1 });
  return { kind: "fixed", stepSize, between };
}

/** The grid's times: start + k stepSize with the end last, or the times themselves. */
export function fixedGrid(times: readonly number[], stepSize: number | undefined): readonly number[] {
  if (stepSize === undefined) return times;
  const [start, end] = [times[0]!, times.at(-1)!];
  // an interval that is a whole number of steps but for rounding gets no sliver at its end
  const count = Math.max(1, Math.ceil((Math.abs(end - start) / stepSize) * (1 - 1e-12)));
  const step = Math.sign(end - start) * stepSize;
  return Array.from({ length: count + 1 }, (_, i) => (i === count ? end : start + i * step));
}

/** The next step size over this one, from the error ratio: <= 1 is within tolerance. */
export function stepFactor(ratio: number, order: number, control: AdaptiveControl): number {
  if (Number.isNaN(ratio)) return control.smallest;
  if (ratio === 0) return control.largest;
  const least = ratio < 1 ? 1 : control.smallest;
  return Math.min(control.largest, Math.max(control.safety / ratio ** (1 / order), least));
}
