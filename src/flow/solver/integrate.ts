import { filled, stack, type Tensor } from "../../engine/tensor/index.ts";
import type { VelocityField } from "../field/index.ts";
import { checkTimes } from "./check.ts";
import { midpoint } from "./methods.ts";
import type { Stepper } from "./stepper.ts";

export interface IntegrateOptions {
  /** One step from each time to the next; ascending or descending. See `uniformGrid` and the other grids. */
  readonly times: readonly number[];
  /** Default: `midpoint`. */
  readonly solver?: Stepper;
}

export interface Solution {
  /** At the last time, of the shape of x0. */
  readonly x: Tensor;
  /** x at every time: [times, batch, ...event]. Costs nothing unless it becomes an output of the graph. */
  readonly trajectory: Tensor;
  /** Calls of the field. */
  readonly nfe: number;
}

/**
 * Solves dx/dt = v(x, t) from x0 at the first time to the last on a fixed grid, unrolled in the graph; differentiable.
 * x0: [batch, ...event]. Throws "option" unless there are two times or more, finite and strictly monotone.
 */
export function integrate(
  field: VelocityField,
  x0: Tensor,
  { times, solver = midpoint }: IntegrateOptions,
): Solution {
  checkTimes("integrate", times);
  const at = (time: number) => filled(x0.shape.slice(0, 1), time, x0.dtype);
  const states = [x0];
  for (let i = 0; i + 1 < times.length; i++) {
    states.push(solver.step(field, states[i]!, at(times[i]!), at(times[i + 1]! - times[i]!)));
  }
  const count = times.length - 1;
  return { x: states[count]!, trajectory: stack(states), nfe: count * solver.stages };
}
