import { add, div, expandDims, mul, sqrt, sub, type Tensor } from "../../../src/engine/tensor/index.ts";
import type { VelocityField } from "../../../src/flow/field/index.ts";
import type { AverageVelocity } from "../../../src/flow/matching/index.ts";

/** x0 ~ N(0, 1) and x1 ~ N(mean, std^2), independent, on straight paths: all that flow matching learns, in closed form. */
export const [mean, std] = [1.3, 0.6];

/** Of xt, which is normal around t mean. */
const variance = (t: Tensor) => add(mul(mul(t, t), std ** 2), mul(sub(1, t), sub(1, t)));

/** x: [batch, event] */
export const velocity: VelocityField = (x, t) => {
  const time = expandDims(t, -1);
  const slope = div(sub(mul(time, std ** 2), sub(1, time)), variance(time));
  return add(mul(slope, sub(x, mul(time, mean))), mean);
};

/** Where the flow through x at `from` is at `to`. */
export const carried: AverageVelocity = (x, interval) => {
  const [from, to] = [expandDims(interval.from, -1), expandDims(interval.to, -1)];
  const stretch = sqrt(div(variance(to), variance(from)));
  return add(mul(sub(x, mul(from, mean)), stretch), mul(to, mean));
};

/** For to != from. */
export const average: AverageVelocity = (x, interval) =>
  div(sub(carried(x, interval), x), expandDims(sub(interval.to, interval.from), -1));
