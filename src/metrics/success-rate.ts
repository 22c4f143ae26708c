import { AdvectError } from "../engine/error.ts";

/** Successes of independent trials. */
export interface Trials {
  readonly successes: number;
  readonly count: number;
}

/** A rate with the interval that holds the true one. */
export interface Rate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Of the standard normal distribution, two-sided, for 95 %. */
const quantile95 = 1.959963984540054;

/**
 * successes / count, and Wilson's interval (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n), which
 * stays within [0, 1] and says something for 0 of n [wilson1927]. z is that of 95 % unless given. Throws "option".
 */
export function successRate({ successes, count }: Trials, { z = quantile95 } = {}): Rate {
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
  if (!isCount(successes) || !isCount(count) || count < 1 || successes > count || !(z > 0)) {
    throw new AdvectError("option", "successRate", {
      expected: "from 0 to count successes of at least one trial, and z > 0",
      got: `${successes} of ${count}, z ${z}`,
    });
  }
  const value = successes / count;
  const square = (z * z) / count;
  const middle = (value + square / 2) / (1 + square);
  const half = (z * Math.sqrt((value * (1 - value)) / count + square / (4 * count))) / (1 + square);
  const low = successes === 0 ? 0 : middle - half;
  return { value, low, high: successes === count ? 1 : middle + half };
}
