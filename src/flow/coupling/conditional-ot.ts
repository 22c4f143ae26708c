import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { assign, pairwise, squaredEuclidean } from "../../transport/index.ts";
import { batchSize, type Coupling, conditionOf, inOrder } from "./coupling.ts";

type Distance = (conditions: NdArray) => NdArray<"float64">;

const distances = {
  squaredEuclidean: (c) => squaredEuclidean({ x0: c, x1: c }),
  cosine: (c) => pairwise({ x0: c, x1: c }, (a, b) => 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b) || 1)),
  discrete: (c) => pairwise({ x0: c, x1: c }, (a, b) => (a.every((value, k) => value === b[k]) ? 0 : 1)),
} satisfies Record<string, Distance>;

export interface ConditionalOptions {
  /** Price of one unit of condition distance in squared sample distance, >= 0. */
  readonly weight: number;
  /** |c - c'|^2 unless given; "cosine" 1 - cos, for embeddings; "discrete" 0 if equal, else 1, for labels. */
  readonly distance?: keyof typeof distances;
}

/**
 * Condition-aware transport (C2OT) [cheng2025]: the permutation pi with the least
 * sum_i |x0_i - x1_pi(i)|^2 + weight d(c_i, c_pi(i)), where x0_i comes with the condition of x1_i. weight 0 is
 * `exactOT`; a large one is transport among equal conditions. Deterministic; x0 keeps its order.
 * condition: [batch, ...]. Throws "option" unless weight is finite and >= 0.
 */
export function conditionalOT({ weight, distance = "squaredEuclidean" }: ConditionalOptions): Coupling {
  if (!(weight >= 0 && weight < Infinity) || !Object.hasOwn(distances, distance)) {
    throw new AdvectError("option", "conditionalOT", {
      expected: `a finite weight >= 0 and a distance among ${Object.keys(distances).join(", ")}`,
      got: `${weight} and ${distance}`,
      fix: "For an infinite weight use classwiseOT.",
    });
  }
  return {
    name: "conditionalOT",
    pair(batch) {
      const count = batchSize("conditionalOT", batch);
      const between = distances[distance](conditionOf("conditionalOT", batch)).data;
      const cost = squaredEuclidean(batch).data.map((value, at) => value + weight * between[at]!);
      return {
        source: inOrder(count),
        target: assign(ndarray(cost, [count, count], "float64")).columns,
      };
    },
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}
