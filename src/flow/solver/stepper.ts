import type { Tensor } from "../../engine/tensor/index.ts";
import { alongEvent, type VelocityField } from "../field/index.ts";
import { stagesOf, type Tableau } from "./tableau.ts";

/** One step of a fixed grid, on symbolic tensors. */
export interface Stepper {
  readonly name: string;
  readonly order: number;
  /** Evaluations of the field per step. */
  readonly stages: number;
  /** x at t + dt. x: [batch, ...event]; t, dt: [batch] or [batch, tokens]; dt < 0 steps back. Throws "shape". */
  step(field: VelocityField, x: Tensor, t: Tensor, dt: Tensor): Tensor;
}

/** A Stepper that also serves `solve`, which reads its tableau. */
export interface RungeKutta extends Stepper {
  readonly tableau: Tableau;
}

/** The method of a tableau. */
export function rungeKutta(tableau: Tableau): RungeKutta {
  const { name, order, a, b, c } = tableau;
  const stages = stagesOf(tableau);
  const step: Stepper["step"] = (field, x, t, dt) => {
    const length = alongEvent(`${name}.step`, dt, x);
    const slopes: Tensor[] = [];
    for (let i = 0; i < stages; i++) {
      slopes.push(field(moved(x, length, a[i]!, slopes), c[i] === 0 ? t : t.add(dt.mul(c[i]!))));
    }
    return moved(x, length, b, slopes);
  };
  return { name, order, stages, step, tableau };
}

/** x + dt sum_i weights_i slopes_i. */
function moved(x: Tensor, dt: Tensor, weights: readonly number[], slopes: readonly Tensor[]): Tensor {
  const terms = slopes.flatMap((slope, i) => (weights[i] ? [slope.mul(weights[i]!)] : []));
  if (terms.length === 0) return x;
  return x.add(terms.reduce((total, term) => total.add(term)).mul(dt));
}
