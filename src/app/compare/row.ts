import type { MethodName } from "./methods.ts";

/** Numbers about one method, the same in all of its rows. */
export interface MethodFacts {
  /**
   * How far its trajectories are from straight lines, measured along many calls, in the units of the network; null for
   * samplers that draw noise.
   */
  readonly straightness: number | null;
  /** Whether x0 alone decides the samples, whatever the nfe; null for the data. */
  readonly reproducible: boolean | null;
  /** With a teacher's, and with the time to make pairs. */
  readonly trainSeconds: number;
  readonly trainSteps: number;
}

/** Quality of the samples of one method with one number of calls. What is not finite is NaN, null in JSON. */
export interface ComparisonRow extends MethodFacts {
  /** "data": other samples of the data, the floor. */
  readonly method: MethodName | "data";
  /** Calls of the network for each sample; 0 for the data. */
  readonly nfe: number;
  /** The exact distance W2 to the reference, in the units of the data: mean over the sets, standard error, each set. */
  readonly w2: number;
  readonly w2StdErr: number;
  readonly w2Values: readonly number[];
  readonly energyDistance: number;
  readonly energyDistanceStdErr: number;
  /** Between the samples that two sampler keys give from the same x0; null for the data. */
  readonly largestDifference: number | null;
}

export const floorName = "data";
