import type { NdArray } from "../../engine/array/index.ts";
import { energyDistance, meanOf, wasserstein2 } from "../../metrics/index.ts";
import type { Problem } from "./problem.ts";
import { floorName, type Row } from "./row.ts";

export type Distances = Pick<Row, "w2" | "w2StdErr" | "w2Values" | "energyDistance" | "energyDistanceStdErr">;

/** How far samples are from the references, set by set. Samples that are not finite have no distance: NaN. */
export function distances({ sets }: Problem, samples: readonly NdArray[]): Distances {
  const pairs = samples.map((x, i) => ({ samples: x, reference: sets[i]!.reference }));
  const finite = samples.every(({ data }) => (data as Float32Array).every(Number.isFinite));
  const w2Values = pairs.map((pair) => (finite ? wasserstein2(pair) : Number.NaN));
  const w2 = meanOf(w2Values);
  const energy = meanOf(pairs.map((pair) => (finite ? energyDistance(pair) : Number.NaN)));
  return {
    w2: w2.value,
    w2StdErr: w2.stdError,
    w2Values,
    energyDistance: energy.value,
    energyDistanceStdErr: energy.stdError,
  };
}

/** Other samples of the data against the same references: what a perfect model would have. */
export function floorRow(problem: Problem): Row {
  const { data, budget, key, sets } = problem;
  const others = key
    .fold("floor")
    .split(sets.length)
    .map((own) => data.sample(own, budget.count));
  return {
    method: floorName,
    nfe: 0,
    ...distances(problem, others),
    straightness: null,
    reproducible: null,
    largestDifference: null,
    trainSeconds: 0,
    trainSteps: 0,
  };
}
