import { categorical } from "../../engine/random/index.ts";
import { sinkhorn, squaredEuclidean } from "../../transport/index.ts";
import { batchSize, type Coupling, inOrder } from "./coupling.ts";
import { precision } from "./transport-plan.ts";

export interface SinkhornOptions {
  /** In units of squared distance, > 0: towards 0 it is `exactOT`, towards infinity independent. */
  readonly epsilon: number;
}

/**
 * Entropic transport that uses every x0 once, in order: x1 for x0_i is drawn with probability P_ij / sum_j P_ij from
 * the Sinkhorn plan P [cuturi2013], less noisy than drawing both ends. With epsilon = 2 sigma^2 it is the static
 * Schrödinger bridge of a Brownian motion of scale sigma.
 */
export function sinkhornOT({ epsilon }: SinkhornOptions): Coupling {
  return {
    name: "sinkhornOT",
    pair(batch) {
      const count = batchSize("sinkhornOT", batch);
      const { plan } = sinkhorn({ cost: squaredEuclidean(batch), epsilon, ...precision });
      const drawn = categorical(batch.key.fold("targets"), { probabilities: plan }, [count]);
      return { source: inOrder(count), target: drawn.data };
    },
  };
}
