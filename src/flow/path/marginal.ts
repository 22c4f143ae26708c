import { AdvectError } from "../../engine/error.ts";
import {
  add,
  div,
  expand,
  log,
  matmul,
  maximum,
  mul,
  reshape,
  sameShape,
  softmax,
  sub,
  type Tensor,
} from "../../engine/tensor/index.ts";
import type { VelocityField } from "../field/index.ts";
import { coefficientsAt } from "./affine.ts";
import { asVelocity } from "./prediction.ts";
import { type Scheduler, slopeFloor } from "./scheduler.ts";

/**
 * The field that carries every x along its path to the given x1: v(x, t) = dAlpha x1 + dSigma x0 with
 * x0 = (x - alpha x1) / sigma [lipman2023]. x1: the shape of x. At t = 1, sigma is held above 1e-6.
 */
export function toward({
  x1,
  scheduler,
}: {
  readonly x1: Tensor;
  readonly scheduler: Scheduler;
}): VelocityField {
  return asVelocity(() => x1, { scheduler, prediction: "target" });
}

export interface FiniteData {
  /** [count, ...event], count >= 1. */
  readonly data: Tensor;
  readonly scheduler: Scheduler;
  /** Positive, [count]; all equal unless given. Need not add up to 1. */
  readonly weights?: Tensor;
}

/**
 * The exact field that flow matching learns, for a finite data set and standard normal x0: the mean of the velocities
 * towards the data points y_i, weighted by how likely x came from each, softmax over i of
 * log weight_i - |x - alpha y_i|^2 / (2 sigma^2) [lipman2023]. Costs batch x count products of events. Its samples are
 * the data points themselves: a network has to be worse than this to generalise. Throws "shape".
 */
export function marginal(finite: FiniteData): VelocityField {
  return asVelocity(posteriorMean(finite), { scheduler: finite.scheduler, prediction: "target" });
}

/** E[x1 | xt = x], the weighted mean of the data; in the weights sigma is held above 1e-3. Throws "shape". */
export function posteriorMean(finite: FiniteData): (x: Tensor, t: Tensor) => Tensor {
  const { data } = finite;
  checkData(finite);
  const count = data.shape[0]!;
  const points = reshape(data, [count, data.size / count]);
  return (x, t) => {
    checkEvent(x, data);
    const probabilities = softmax(logLikelihoods(points, { x, t, finite }));
    return reshape(matmul(probabilities, points), x.shape);
  };
}

/** Up to a constant for each x: sum of (alpha x y - alpha^2 y^2 / 2) / sigma^2, plus log weight: [batch, count]. */
function logLikelihoods(
  points: Tensor,
  { x, t, finite }: { readonly x: Tensor; readonly t: Tensor; readonly finite: FiniteData },
): Tensor {
  const { alpha, sigma } = coefficientsAt("marginal", finite.scheduler, { x, t });
  const spread = maximum(sigma, slopeFloor);
  const precision = div(alpha, mul(spread, spread));
  const rows = (values: Tensor) => reshape(expand(values, x.shape), [x.shape[0]!, points.shape[1]!]);
  const linear = matmul(rows(mul(x, precision)), points, { transposeB: true });
  const square = matmul(rows(mul(alpha, precision)), mul(points, points), { transposeB: true });
  const logits = sub(linear, mul(square, 0.5));
  return finite.weights ? add(logits, log(finite.weights)) : logits;
}

function checkData({ data, weights }: FiniteData): void {
  const count = data.shape[0] ?? 0;
  if (count > 0 && (!weights || sameShape(weights.shape, [count]))) return;
  throw new AdvectError("shape", "marginal", {
    expected: "data of shape [count, ...event] with count >= 1, and weights of shape [count] or none",
    got: `data [${data.shape}]${weights ? `, weights [${weights.shape}]` : ""}`,
  });
}

function checkEvent(x: Tensor, data: Tensor): void {
  if (sameShape(x.shape.slice(1), data.shape.slice(1)) && x.rank === data.rank) return;
  throw new AdvectError("shape", "marginal", {
    expected: `x of shape [batch, ${data.shape.slice(1)}], as the data`,
    got: x.shape,
  });
}
