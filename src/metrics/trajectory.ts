import type { NdArray } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import { type Estimate, meanOf } from "./estimate.ts";
import { checkFinite } from "./pair.ts";

/** What a solver returns. */
export interface Trajectory {
  /** x at each time, [times, batch, ...shape]. */
  readonly trajectory: NdArray;
  /** Ascending or descending, at least two. */
  readonly times: readonly number[];
}

/**
 * E int |dx/dt|^2 dt, with x linear between the times; with its standard error over the batch. Its floor over all flows
 * from t = 0 to 1 between two distributions is W_2^2 [benamou2000]. Throws "shape", "option", "numerical".
 */
export function pathEnergy(path: Trajectory): Estimate {
  return meanOf(measure("pathEnergy", path).energy);
}

/**
 * E int |dx/dt - (x_end - x_start) / (t_end - t_start)|^2 dt, with x linear between the times [liu2023]; with its
 * standard error over the batch. 0 exactly for straight paths of constant speed. Throws as `pathEnergy`.
 */
export function straightness(path: Trajectory): Estimate {
  return meanOf(measure("straightness", path).bend);
}

function measure(
  where: string,
  { trajectory, times }: Trajectory,
): { energy: Float64Array; bend: Float64Array } {
  const [batch, size] = check(where, { trajectory, times });
  const { data } = trajectory;
  const stride = batch * size;
  const last = times.length - 1;
  const span = times[last]! - times[0]!;
  const energy = new Float64Array(batch);
  const bend = new Float64Array(batch);
  for (let step = 0; step < last; step++) {
    const dt = times[step + 1]! - times[step]!;
    for (let k = 0; k < stride; k++) {
      const velocity = (data[(step + 1) * stride + k]! - data[step * stride + k]!) / dt;
      const straight = (data[last * stride + k]! - data[k]!) / span;
      const row = Math.floor(k / size);
      energy[row]! += velocity ** 2 * Math.abs(dt);
      bend[row]! += (velocity - straight) ** 2 * Math.abs(dt);
    }
  }
  return { energy, bend };
}

function check(where: string, { trajectory, times }: Trajectory): [batch: number, size: number] {
  const [count, batch = 0] = trajectory.shape;
  if (count !== times.length || times.length < 2 || trajectory.data.length === 0) {
    throw new AdvectError("shape", where, {
      expected: `a trajectory of shape [${times.length}, batch, ...shape] at two times or more`,
      got: trajectory.shape,
    });
  }
  const sign = Math.sign(times[1]! - times[0]!);
  if (times.some((time, i) => i > 0 && !((time - times[i - 1]!) * sign > 0))) {
    throw new AdvectError("option", where, { expected: "ascending or descending times", got: times });
  }
  checkFinite(where, "trajectory", trajectory);
  return [batch, trajectory.data.length / (count * batch)];
}
