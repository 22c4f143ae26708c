import { array, type NdArray, ndarray } from "../../src/engine/array/index.ts";
import { spec } from "../../src/engine/runtime/index.ts";
import { matmul, mean, mul, type Tensor, tanh } from "../../src/engine/tensor/index.ts";
import { sample } from "../helpers/gradcheck.ts";

export interface Net {
  readonly first: { readonly w: Tensor; readonly b: Tensor };
  readonly last: { readonly w: Tensor };
}

const float32 = (shape: readonly number[], seed: number, scale = 0.5) =>
  ndarray(Float32Array.from(sample(shape, seed, [-scale, scale]).data), shape);

/** A network of two layers, one large enough to be an array of its own. */
export const firstParams = {
  first: { w: float32([3, 700], 1), b: float32([700], 2) },
  last: { w: float32([700, 2], 3, 0.05) },
};

export const netSignature = [spec([8, 3]), spec([8, 2])] as const;

export function netLoss(params: Net, x: Tensor, y: Tensor): Tensor {
  const h = tanh(matmul(x, params.first.w).add(params.first.b));
  const error = matmul(h, params.last.w).sub(y);
  return mean(mul(error, error));
}

/** The batch of a step. */
export function batchOf(step: number): [NdArray, NdArray] {
  return [float32([8, 3], 100 + step, 2), float32([8, 2], 200 + step, 2)];
}

/** (p - target)², whose minimum is the target, and whose gradient is known. */
export const bowl = ({ p }: { p: Tensor }, target: Tensor): Tensor => {
  const error = p.sub(target);
  return mul(error, error).sum();
};
export const bowlParams = { p: array([1, -2, 3]) };
export const bowlSignature = [spec([3])] as const;
