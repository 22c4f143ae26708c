import { type Draw, expandDims, filled, random, spec, type Tensor } from "advect/engine";
import { type MlpParams, mlp, mse } from "advect/nn";

export const batchSize = 256;
export const sampleCount = 600;
const eulerSteps = 24;

export const model = mlp({ size: 2, hidden: 96, depth: 3 });

/** xt = t x1 + (1 - t) x0 has the velocity x1 - x0; the model learns its mean given xt and t [lipman2023]. */
export function loss(params: MlpParams, x1: Tensor, draw: Draw): Tensor {
  const x0 = draw.normal("x0", [batchSize, 2]);
  const t = draw.uniform("t", [batchSize]);
  const time = expandDims(t, -1);
  const xt = x1.mul(time).add(x0.mul(time.neg().add(1)));
  return mse({ prediction: model.apply(params, xt, t), target: x1.sub(x0) });
}

export const lossSignature = [spec([batchSize, 2]), random] as const;

/** Noise carried along the field by Euler's method, at three times: one graph. */
export function sample(
  params: MlpParams,
  x0: Tensor,
): { oneThird: Tensor; twoThirds: Tensor; sample: Tensor } {
  const xs = [x0];
  for (let i = 0; i < eulerSteps; i++) {
    const x = xs[i]!;
    const velocity = model.apply(params, x, filled([sampleCount], i / eulerSteps));
    xs.push(x.add(velocity.mul(1 / eulerSteps)));
  }
  return { oneThird: xs[eulerSteps / 3]!, twoThirds: xs[(2 * eulerSteps) / 3]!, sample: xs[eulerSteps]! };
}

export const sampleSignature = spec([sampleCount, 2]);
