import { check, positive } from "./check.ts";
import type { Vector } from "./optimizer.ts";

/** |gradient| = sqrt(sum g_i^2) over all elements; NaN or Infinity if one of them is. */
export function globalNorm(gradient: Vector): number {
  let sum = 0;
  for (let i = 0; i < gradient.length; i++) sum += gradient[i]! ** 2;
  return Math.sqrt(sum);
}

/**
 * min(1, maxNorm / (norm + 1e-6)): the factor that brings a gradient of this norm down to maxNorm
 * [pascanu2013, Algorithm 1; the 1e-6 is torch's]. NaN for a NaN norm and 0 for an infinite one: skip such a step.
 * maxNorm Infinity never clips. Throws "option".
 */
export function clipCoefficient({ norm, maxNorm }: { norm: number; maxNorm: number }): number {
  if (maxNorm === Infinity) return 1;
  check("clipCoefficient", positive, { maxNorm });
  return Math.min(1, maxNorm / (norm + 1e-6));
}
