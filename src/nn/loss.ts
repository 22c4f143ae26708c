import { abs, mean, mul, relu, sub, type Tensor } from "../engine/tensor/index.ts";

/** Two tensors whose shapes broadcast. */
export interface Compared {
  readonly prediction: Tensor;
  readonly target: Tensor;
}

/** mean (prediction - target)^2 */
export function mse({ prediction, target }: Compared): Tensor {
  const error = sub(prediction, target);
  return mean(mul(error, error));
}

/** mean |prediction - target| */
export function l1({ prediction, target }: Compared): Tensor {
  return mean(abs(sub(prediction, target)));
}

/** mean of e^2 / 2 where |e| < delta, else delta (|e| - delta / 2), e = prediction - target [huber1964] */
export function huber({ prediction, target, delta = 1 }: Compared & { readonly delta?: number }): Tensor {
  const size = abs(sub(prediction, target));
  const inner = sub(size, relu(sub(size, delta)));
  return mean(mul(inner, sub(size, mul(inner, 0.5))));
}

/** huber / beta: mean of e^2 / (2 beta) where |e| < beta, else |e| - beta / 2 */
export function smoothL1({ prediction, target, beta = 1 }: Compared & { readonly beta?: number }): Tensor {
  return mul(huber({ prediction, target, delta: beta }), 1 / beta);
}
