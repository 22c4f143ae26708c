import type { NdArray } from "../../engine/array/index.ts";
import { energyDistance, meanOf, type Pair, wasserstein2 } from "../../metrics/index.ts";
import type { Problem } from "./problem.ts";
import { type ComparisonRow, floorName } from "./row.ts";

export type Distances = Pick<
  ComparisonRow,
  "w2" | "w2StdErr" | "w2Values" | "energyDistance" | "energyDistanceStdErr"
>;

/** How far samples are from the references, set by set. Samples that are not finite have no distance: NaN. */
export function distances(problem: Problem, samples: readonly NdArray[]): Distances {
  return overSets(problem.sets.map(({ reference }, i) => distance({ samples: samples[i]!, reference })));
}

interface Distance {
  readonly w2: number;
  readonly energy: number;
}

function distance(pair: Pair): Distance {
  const finite = (pair.samples.data as Float32Array).every(Number.isFinite);
  return finite
    ? { w2: wasserstein2(pair), energy: energyDistance(pair) }
    : { w2: Number.NaN, energy: Number.NaN };
}

function overSets(sets: readonly Distance[]): Distances {
  const w2Values = sets.map(({ w2 }) => w2);
  const w2 = meanOf(w2Values);
  const energy = meanOf(sets.map((set) => set.energy));
  return {
    w2: w2.value,
    w2StdErr: w2.stdError,
    w2Values,
    energyDistance: energy.value,
    energyDistanceStdErr: energy.stdError,
  };
}

/** How often the data are compared with each reference: the floor is what rows are read against. */
const drawsPerSet = 4;

/** Other samples of the data against the same references: what a perfect model would have. */
export function floorRow({ data, budget, key, sets }: Problem): ComparisonRow {
  const own = key.fold("floor").split(sets.length);
  const found = sets.map(({ reference }, i) => {
    const draws = own[i]!.split(drawsPerSet).map((draw) => data.sample(draw, budget.count));
    const each = draws.map((samples) => distance({ samples, reference }));
    const mean = (name: keyof Distance) => meanOf(each.map((one) => one[name])).value;
    return { w2: mean("w2"), energy: mean("energy") };
  });
  return {
    method: floorName,
    nfe: 0,
    ...overSets(found),
    straightness: null,
    reproducible: null,
    largestDifference: null,
    trainSeconds: 0,
    trainSteps: 0,
  };
}
