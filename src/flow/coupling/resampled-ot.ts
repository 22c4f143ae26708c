import { AdvectError } from "../../engine/error.ts";
import { categorical } from "../../engine/random/index.ts";
import { type Plan, squaredEuclidean } from "../../transport/index.ts";
import { batchSize, type Coupling } from "./coupling.ts";
import { type PlanSpec, transportPlan } from "./transport-plan.ts";

/**
 * Draws batch-many pairs (i, j) with replacement, with probability P_ij / sum P, from a transport plan P
 * [tong2024]. Some samples come twice and some not at all; unbalanced and partial plans leave out outliers this way.
 * Throws "numerical" when the plan is empty, which happens where unbalanced transport destroys all mass.
 */
export function resampledOT(spec: PlanSpec): Coupling {
  return {
    name: `resampledOT(${spec.method})`,
    pair(batch) {
      const count = batchSize("resampledOT", batch);
      const { plan } = filled(transportPlan(spec, squaredEuclidean(batch)));
      const cells = { ...plan, shape: [plan.data.length] };
      const drawn = categorical(batch.key.fold("pairs"), { probabilities: cells }, [count]).data;
      return {
        source: drawn.map((cell) => Math.floor(cell / count)),
        target: drawn.map((cell) => cell % count),
      };
    },
  };
}

function filled(plan: Plan): Plan {
  const mass = plan.plan.data.reduce((sum, value) => sum + value, 0);
  if (mass >= 1e-8 && mass < Infinity) return plan;
  throw new AdvectError("numerical", "resampledOT", {
    expected: "a plan with mass to draw from",
    got: `a total of ${mass}`,
    fix: "Raise marginWeight, or scale the data: both are compared with squared distances.",
  });
}
