import { add, mul, type Tensor } from "../../engine/tensor/index.ts";
import { alongEvent } from "../field/index.ts";
import { integrate, type Solution, type Stepper } from "../solver/index.ts";

/** From one time to another, each [batch]; `from` is where x is. */
export interface Interval {
  readonly from: Tensor;
  readonly to: Tensor;
}

/**
 * u(x, from -> to) = (x_to - x_from) / (to - from) along the flow through x at `from`: the mean velocity of the
 * interval, and the velocity itself where to = from [geng2025]. Of the shape of x.
 */
export type AverageVelocity = (x: Tensor, interval: Interval) => Tensor;

/**
 * x + (to - from) u(x, from -> to) from each time to the next: [0, 1], the default, samples in one evaluation. Back to
 * the noise as well, where the network was trained for to < from. x0: [batch, ...event]. Throws "option" for times
 * that are not strictly monotone.
 */
export function jump(
  average: AverageVelocity,
  x0: Tensor,
  { times = [0, 1] }: { readonly times?: readonly number[] } = {},
): Solution {
  const leap: Stepper = {
    name: "jump",
    order: 1,
    stages: 1,
    step: (_, x, t, dt) => leapt(average, x, { from: t, to: add(t, dt) }, dt),
  };
  return integrate((x, t) => average(x, { from: t, to: t }), x0, { times, solver: leap });
}

function leapt(average: AverageVelocity, x: Tensor, interval: Interval, length: Tensor): Tensor {
  return add(x, mul(average(x, interval), alongEvent("jump", length, x)));
}
