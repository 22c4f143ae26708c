import {
  add,
  cast,
  type Draw,
  minimum,
  mul,
  stopGradient,
  sub,
  type Tensor,
} from "../../engine/tensor/index.ts";
import { alongEvent, type VelocityField } from "../field/index.ts";
import { affine, condOT, type Path, type TimeSampler, uniformTime } from "../path/index.ts";
import { squaredError, weightedMean } from "./flow-matching.ts";
import { answered, checkOptions, endsOf, type GivenPairs, type MatchingLoss } from "./pairs.ts";

export interface ConsistencyOptions {
  /** Default: affine(condOT). */
  readonly path?: Path;
  /** Of the earlier of two times, scaled to [0, 1 - step]. Default: uniformTime. */
  readonly time?: TimeSampler;
  /** How far apart the two times are, in (0, 1]; default 0.01. */
  readonly step?: number;
  /** The factor of the velocities' own disagreement, >= 0; default 1e-5. */
  readonly velocityWeight?: number;
  /** The factor of the squared error at the earlier t. Default: 1. */
  readonly weight?: (t: Tensor) => Tensor;
}

/**
 * Consistency flow matching [yang2024]: straight flows, whose every point tells the same end. With s = t + step on the
 * same path and f(x, t) = x + (1 - t) v(x, t), the mean of (f(xt, t) - f(xs, s))^2 + velocityWeight times the same of v,
 * where no gradient passes at s; f(x1, 1) = x1 anchors it. Sample by `integrate` with few Euler steps, or one. A given
 * `at` is t, [batch] in [0, 1 - step]. Throws "option" here; the loss throws "shape".
 */
export function consistency(options: ConsistencyOptions = {}): MatchingLoss {
  const { path = affine(condOT), time = uniformTime, step = 0.01, velocityWeight = 1e-5, weight } = options;
  checkOptions("consistency", {
    step: [step, step > 0 && step <= 1, "in (0, 1]"],
    velocityWeight: [velocityWeight, velocityWeight >= 0, ">= 0"],
  });
  return <C>(
    network: (x: Tensor, t: Tensor, condition: C) => Tensor,
    pairs: GivenPairs<C>,
    draw: Draw,
  ): Tensor => {
    const ends = endsOf("consistency", pairs, draw);
    const shape = pairs.x1.shape.slice(0, 1);
    const t = pairs.at ?? cast(mul(time.sample(draw, shape), 1 - step), pairs.x1.dtype);
    const field: VelocityField = (x, at) => answered("consistency", network(x, at, pairs.condition as C), x);
    const now = endAt(field, path.sample({ ...ends, t }).xt, t);
    const s = minimum(add(t, step), 1);
    const later = endAt(field, path.sample({ ...ends, t: s }).xt, s);
    const distance = (name: "end" | "velocity") => squaredError(now[name], stopGradient(later[name]), t);
    return weightedMean(add(distance("end"), mul(distance("velocity"), velocityWeight)), t, weight);
  };
}

/** f(x, t) = x + (1 - t) v(x, t), where a straight flow ends, and v. */
function endAt(
  field: VelocityField,
  x: Tensor,
  t: Tensor,
): { readonly end: Tensor; readonly velocity: Tensor } {
  const velocity = field(x, t);
  return { velocity, end: add(x, mul(velocity, alongEvent("consistency", sub(1, t), x))) };
}
