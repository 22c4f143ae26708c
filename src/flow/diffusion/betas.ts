import { checkCount, checkPositive } from "../solver/check.ts";

/** Variances that the steps add, from the one next to the data, step 0, to the one next to the noise. */
export interface BetaRange {
  /** Of step 0, in (0, 1). Default 1e-4. */
  readonly first?: number;
  /** Of the last step, in (0, 1). Default 0.02. */
  readonly last?: number;
}

/** beta_k from first to last in equal steps [ho2020]; the default range is for 1000 steps. Throws "option". */
export function linearBetas(steps: number, range: BetaRange = {}): number[] {
  return between("linearBetas", steps, { range, warp: (u) => u });
}

/** sqrt(beta_k) from sqrt(first) to sqrt(last) in equal steps [rombach2022]. Throws "option". */
export function scaledLinearBetas(steps: number, { first = 1e-4, last = 0.02 }: BetaRange = {}): number[] {
  checkRange("scaledLinearBetas", { first, last });
  const roots = { first: Math.sqrt(first), last: Math.sqrt(last) };
  return between("scaledLinearBetas", steps, { range: roots, warp: (u) => u }).map((root) => root * root);
}

/** first + (last - first) sigmoid(z), with z from -6 to 6 in equal steps. Throws "option". */
export function sigmoidBetas(steps: number, range: BetaRange = {}): number[] {
  return between("sigmoidBetas", steps, { range, warp: (u) => 1 / (1 + Math.exp(6 - 12 * u)) });
}

export interface SquaredCosine {
  /** Keeps the first variances from being tiny; >= 0. Default 0.008. */
  readonly offset?: number;
  /** No variance is above this, in (0, 1). Default 0.999. */
  readonly largest?: number;
}

/**
 * The cosine schedule: alphaBar_k = f((k + 1) / steps) / f(0) with f(u) = cos^2(pi/2 (u + offset) / (1 + offset)), so
 * beta_k = 1 - f((k + 1) / steps) / f(k / steps), at most `largest` [nichol2021, Eq. 17]. Throws "option".
 */
export function squaredCosineBetas(
  steps: number,
  { offset = 0.008, largest = 0.999 }: SquaredCosine = {},
): number[] {
  checkCount("squaredCosineBetas", "steps", steps);
  checkPositive("squaredCosineBetas", { "1 + offset": offset < 0 ? -1 : 1 + offset });
  checkRange("squaredCosineBetas", { first: largest, last: largest });
  const f = (k: number) => Math.cos(((k / steps + offset) / (1 + offset)) * (Math.PI / 2)) ** 2;
  return Array.from({ length: steps }, (_, k) => Math.min(1 - f(k + 1) / f(k), largest));
}

interface Warped {
  readonly range: BetaRange;
  readonly warp: (u: number) => number;
}

function between(where: string, steps: number, { range, warp }: Warped): number[] {
  const { first = 1e-4, last = 0.02 } = range;
  checkCount(where, "steps", steps);
  checkRange(where, { first, last });
  return Array.from({ length: steps }, (_, k) => first + (last - first) * warp(k / Math.max(steps - 1, 1)));
}

function checkRange(where: string, { first, last }: Required<BetaRange>): void {
  checkPositive(where, { first, last, "1 - first": 1 - first, "1 - last": 1 - last });
}
