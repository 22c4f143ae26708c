import type { CountedMean } from "../../metrics/index.ts";
import type { Facts } from "./task.ts";

/** What an episode came to, with all that it takes to play it again: one line of JSON. */
export interface Episode {
  readonly seed: number;
  /** Steps until success, or until the episode was cut off. */
  readonly steps: number;
  readonly maxReward: number;
  readonly success: boolean;
  readonly chunks: number;
  /** Evaluations of the network for each chunk. */
  readonly nfe: number;
  /** Of the commands, in their units per second cubed. */
  readonly jerk: { readonly inside: CountedMean; readonly boundary: CountedMean };
  /** Of the last step. */
  readonly facts: Facts;
  readonly finalState: readonly number[];
  /** Every command: `reset({ seed })` and these give the same states again. */
  readonly actions: readonly (readonly number[])[];
}
