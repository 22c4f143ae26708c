import { AdvectError } from "../../engine/error.ts";
import { type Draw, floor, mul, sameShape, type Tensor } from "../../engine/tensor/index.ts";
import { mse } from "../../nn/index.ts";
import { affine, type Scheduler, type TimeSampler, uniformTime } from "../path/index.ts";
import { checkCount } from "../solver/check.ts";
import { type DiffusionPrediction, type Network, predictionOf } from "./prediction.ts";

export interface DiffusionObjective {
  /** Data, [batch, ...event]. */
  readonly x1: Tensor;
  /** Declares the draws "time" and "noise". */
  readonly draw: Draw;
  readonly scheduler: Scheduler;
  /** What the network learns: the one word to change. Default "noise". */
  readonly prediction?: DiffusionPrediction;
  /** Default: `levelTime` of a scheduler with steps, as `fromBetas` makes it; otherwise `uniformTime`. */
  readonly time?: TimeSampler;
}

/**
 * mean |network(xt, t) - prediction|^2 with xt = alpha x1 + sigma x0, x0 ~ N(0, 1): for "noise" the simple loss of
 * [ho2020, Eq. 14]; for "velocity" flow matching on the diffusion's path [lipman2023]. A scalar, for
 * `trainer({ loss: (params, x1, draw) => diffusionLoss((x, t) => model.apply(params, x, t), …) })`. Throws "shape".
 */
export function diffusionLoss(network: Network, objective: DiffusionObjective): Tensor {
  const { x1, draw, scheduler, prediction = "noise", time = timeFor(scheduler) } = objective;
  const t = time.sample(draw, x1.shape.slice(0, 1));
  const x0 = draw.normal("noise", x1.shape);
  const { xt } = affine(scheduler).sample({ x0, x1, t });
  const predicted = network(xt, t);
  if (!sameShape(predicted.shape, x1.shape)) {
    throw new AdvectError("shape", "diffusionLoss", {
      expected: `a network that returns the shape of x1, [${x1.shape}]`,
      got: predicted.shape,
    });
  }
  return mse({ prediction: predicted, target: predictionOf(scheduler, { x0, x1, t, to: prediction }) });
}

/** t = floor(u steps) / steps: every level of `fromBetas` equally often, the data itself never. Throws "option". */
export function levelTime(steps: number): TimeSampler {
  checkCount("levelTime", "steps", steps);
  return {
    name: `level(${steps})`,
    sample: (draw, shape) => mul(floor(mul(draw.uniform("time", shape), steps)), 1 / steps),
  };
}

function timeFor(scheduler: Scheduler): TimeSampler {
  return "steps" in scheduler && typeof scheduler.steps === "number"
    ? levelTime(scheduler.steps)
    : uniformTime;
}
