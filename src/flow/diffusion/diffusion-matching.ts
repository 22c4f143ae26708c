import { type FlowMatchingOptions, flowMatching, type MatchingLoss } from "../matching/index.ts";
import { affine, type Path, type Scheduler, uniformTime } from "../path/index.ts";
import { levelTime } from "./level-time.ts";
import { type DiffusionPrediction, predictionOf } from "./prediction.ts";

export interface DiffusionMatchingOptions extends Omit<FlowMatchingOptions, "path" | "prediction"> {
  readonly scheduler: Scheduler;
  /** What the network learns: the one word to change, here and in `denoise` or `probabilityFlow`. Default "noise". */
  readonly prediction?: Exclude<DiffusionPrediction, "score">;
}

/**
 * mean |network(xt, t) - prediction|^2 with xt = alpha x1 + sigma x0: for "noise" the simple loss of [ho2020, Eq. 14],
 * for "velocity" flow matching on the path of the diffusion. It is `flowMatching`, which describes the other options,
 * with v besides, and with `levelTime` as the default time of a scheduler from `fromBetas`. Throws "option"; the loss
 * throws "shape".
 */
export function diffusionMatching(options: DiffusionMatchingOptions): MatchingLoss {
  const { scheduler, prediction = "noise", ...others } = options;
  const matched = { time: timeFor(scheduler), ...others };
  return prediction === "v"
    ? flowMatching({ ...matched, path: angular(scheduler), prediction: "velocity" })
    : flowMatching({ ...matched, path: affine(scheduler), prediction });
}

/** The path with v in place of the velocity, which is what v is by another time. */
function angular(scheduler: Scheduler): Path {
  const path = affine(scheduler);
  return {
    name: `angular(${scheduler.name})`,
    sample: (draw) => ({ ...path.sample(draw), velocity: predictionOf(scheduler, { ...draw, to: "v" }) }),
  };
}

function timeFor(scheduler: Scheduler) {
  return "steps" in scheduler && typeof scheduler.steps === "number"
    ? levelTime(scheduler.steps)
    : uniformTime;
}
