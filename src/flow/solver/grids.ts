import { AdvectError } from "../../engine/error.ts";
import { checkCount, checkPositive } from "./check.ts";

/** warp(i / steps) for i = 0 ... steps: any grid from 0 to 1, steps + 1 times. Throws "option". */
export function warpedGrid(steps: number, warp: (u: number) => number): number[] {
  checkCount("grid", "steps", steps);
  return Array.from({ length: steps + 1 }, (_, i) => warp(i / steps));
}

/** i / steps. */
export function uniformGrid(steps: number): number[] {
  return warpedGrid(steps, (u) => u);
}

/** (1 - cos(pi u)) / 2: short steps at both ends. */
export function cosineGrid(steps: number): number[] {
  return warpedGrid(steps, (u) => (1 - Math.cos(Math.PI * u)) / 2);
}

/**
 * u + s (cos(pi u / 2) - 1 + u), s in [-1, 2 / (pi - 2)], the sway sampling of [chen2024]: s < 0 spends more steps
 * near the noise, s > 0 near the data. Throws "option" outside of that range, where the grid would turn back.
 */
export function swayGrid(
  steps: number,
  { coefficient = -1 }: { readonly coefficient?: number } = {},
): number[] {
  if (!(coefficient >= -1 && coefficient <= 2 / (Math.PI - 2))) {
    throw new AdvectError("option", "swayGrid", {
      expected: "a coefficient from -1 to 2 / (pi - 2)",
      got: coefficient,
    });
  }
  return warpedGrid(steps, (u) => (u === 1 ? 1 : u + coefficient * (Math.cos((Math.PI * u) / 2) - 1 + u)));
}

/**
 * Noise level s n / (1 + (s - 1) n) in place of n = 1 - u [esser2024, Eq. 23]: t = u / (u + s (1 - u)). s > 1 spends
 * more steps near the noise, as large images need. Throws "option" unless s > 0.
 */
export function shiftedGrid(steps: number, { shift }: { readonly shift: number }): number[] {
  checkPositive("shiftedGrid", { shift });
  return warpedGrid(steps, (u) => u / (u + shift * (1 - u)));
}

export interface EdmGrid {
  /** Default 0.002. */
  readonly sigmaMin?: number;
  /** Default 80. */
  readonly sigmaMax?: number;
  /** Default 7; 1 is linear in the noise level. */
  readonly rho?: number;
}

/**
 * 1 / (1 + sigma_i) with sigma_i^(1/rho) linear from sigmaMax to sigmaMin over the first `steps` times [karras2022,
 * Eq. 5], then 1. It begins at 1 / (1 + sigmaMax), not at 0. Throws "option" unless 0 < sigmaMin < sigmaMax, rho > 0.
 */
export function edmGrid(steps: number, { sigmaMin = 0.002, sigmaMax = 80, rho = 7 }: EdmGrid = {}): number[] {
  checkCount("edmGrid", "steps", steps);
  checkPositive("edmGrid", { sigmaMin, rho, "sigmaMax - sigmaMin": sigmaMax - sigmaMin });
  const [first, last] = [sigmaMax ** (1 / rho), sigmaMin ** (1 / rho)];
  const sigma = (i: number) => (first + (i / Math.max(steps - 1, 1)) * (last - first)) ** rho;
  return Array.from({ length: steps + 1 }, (_, i) => (i === steps ? 1 : 1 / (1 + sigma(i))));
}
