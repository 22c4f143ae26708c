import type { NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";

/**
 * The mean over the batch of the integral over time of |(x_1 - x_0) - dx/dt|^2, summed over the event [liu2023]: 0 for
 * straight lines at constant speed, which one Euler step solves. trajectory: [times, batch, ...event], as `solve` gives
 * it; dx/dt is the difference quotient between neighbouring times, so two times always give 0, and finer ones at least as
 * much. Throws "shape" unless there is a state for each of at least two ascending times.
 */
export function straightness(trajectory: NdArray, times: readonly number[]): number {
  const [count, batch = 0] = trajectory.shape;
  if (
    count !== times.length ||
    count < 2 ||
    batch === 0 ||
    !times.every((t, k) => k === 0 || t > times[k - 1]!)
  ) {
    throw new AdvectError("shape", "straightness", {
      expected: "a trajectory of shape [times, batch, ...event] at two or more ascending times",
      got: `[${trajectory.shape}] at ${times.length} times`,
    });
  }
  const { data } = trajectory;
  const size = data.length / count;
  const whole = times.at(-1)! - times[0]!;
  let total = 0;
  for (let k = 0; k + 1 < count; k++) {
    const dt = times[k + 1]! - times[k]!;
    for (let e = 0; e < size; e++) {
      const chord = (data[(count - 1) * size + e]! - data[e]!) / whole;
      const slope = (data[(k + 1) * size + e]! - data[k * size + e]!) / dt;
      total += dt * (chord - slope) ** 2;
    }
  }
  return total / batch;
}
