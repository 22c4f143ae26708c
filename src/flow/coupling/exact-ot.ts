import { assign, squaredEuclidean } from "../../transport/index.ts";
import { batchSize, type Coupling, inOrder } from "./coupling.ts";

/**
 * Minibatch optimal transport: the permutation pi with the least sum_i |x0_i - x1_pi(i)|^2
 * [tong2024; pooladian2023], so that paths cross less. x0 keeps its order, every x1 is used once, nothing is drawn.
 * Conditional models want `classwiseOT` or `conditionalOT`: this one skews which x0 a condition sees.
 */
export function exactOT(): Coupling {
  return {
    name: "exactOT",
    pair(batch) {
      const count = batchSize("exactOT", batch);
      return { source: inOrder(count), target: assign(squaredEuclidean(batch)).columns };
    },
  };
}
