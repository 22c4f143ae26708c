import { check, checkLengths, fraction, index, nonNegative, positive } from "./check.ts";
import type { Vector } from "./optimizer.ts";

/** The decay in [0, 1] of update 0, 1, 2, … of a moving average; 0 makes the average a copy. */
export type Decay = (update: number) => number;

/** decay(n) = decay. Throws "option". */
export function constantDecay(decay: number): Decay {
  check("constantDecay", fraction, { decay });
  return () => decay;
}

/**
 * decay(n) = min(decay, (2 + n) / (11 + n)), which is (1 + k) / (10 + k) for the k-th update, k = n + 1: the average
 * forgets its random start quickly. The rule of flow_matching's examples. Throws "option".
 */
export function warmupDecay(decay: number): Decay {
  check("warmupDecay", fraction, { decay });
  return (update) => Math.min(decay, (2 + update) / (11 + update));
}

export interface PowerDecayOptions {
  /** Default 1; 2/3 for runs of a million steps and more. */
  readonly inverseGamma?: number;
  /** Default 0.75: with inverseGamma 1 the decay is 0.999 at step 10 000 and 0.9999 at 215 000. */
  readonly power?: number;
  /** Bounds of the decay once it is not 0; default 0 and 0.9999. */
  readonly min?: number;
  readonly max?: number;
  /** Updates that only copy, before the rule starts; default 0. */
  readonly delaySteps?: number;
}

/**
 * decay(n) = 1 - (1 + k / inverseGamma)^-power with k = n - delaySteps - 1, kept within [min, max]; 0 while k <= 0.
 * The rule of diffusion_policy [chi2023]. Throws "option".
 */
export function powerDecay(options: PowerDecayOptions = {}): Decay {
  const { inverseGamma = 1, power = 0.75, min = 0, max = 0.9999, delaySteps = 0 } = options;
  check("powerDecay", positive, { inverseGamma });
  check("powerDecay", nonNegative, { power });
  check("powerDecay", fraction, { min, max });
  check("powerDecay", index, { delaySteps });
  return (update) => {
    const k = update - delaySteps - 1;
    if (k <= 0) return 0;
    return Math.max(min, Math.min(max, 1 - (1 + k / inverseGamma) ** -power));
  };
}

/** average = decay average + (1 - decay) params, written into `average`, which belongs to the caller. Throws "shape". */
export function updateAverage(average: Vector, next: { params: Vector; decay: number }): void {
  const { params, decay } = next;
  checkLengths("updateAverage", average.length, { params });
  for (let i = 0; i < average.length; i++) {
    average[i] = decay * average[i]! + (1 - decay) * params[i]!;
  }
}
