import { AdvectError } from "../../engine/error.ts";
import { add, expand, mul, sub, type Tensor } from "../../engine/tensor/index.ts";
import type { VelocityField } from "./velocity-field.ts";

export interface Inpainting {
  /** Where the known part goes; `toward({ x1, scheduler })` carries it along its path and to x1 at t = 1. */
  readonly known: VelocityField;
  /** 1 where known, 0 where free, or between; any shape that broadcasts to x. */
  readonly weights: Tensor;
}

/**
 * v = field + weights (known - field): where the weights are 1, x follows the known field from whatever noise it starts
 * at, so the free part is generated beside a region that looks as in training at every t. Throws "shape".
 */
export function inpaint(field: VelocityField, { known, weights }: Inpainting): VelocityField {
  return (x, t) => {
    const free = field(x, t);
    return add(free, mul(sub(known(x, t), free), fitted(weights, x)));
  };
}

function fitted(weights: Tensor, x: Tensor): Tensor {
  try {
    return expand(weights, x.shape);
  } catch (cause) {
    throw new AdvectError("shape", "inpaint", {
      expected: `weights that broadcast to [${x.shape}]`,
      got: weights.shape,
      cause,
    });
  }
}
