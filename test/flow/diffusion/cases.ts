import { type NdArray, ndarray } from "../../../src/engine/array/index.ts";
import { type Key, normal } from "../../../src/engine/random/index.ts";
import {
  add,
  declarations,
  div,
  interpret,
  interpretGraph,
  mul,
  sub,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import {
  type DiffusionPrediction,
  fromBetas,
  linearBetas,
  type Network,
  predictionOf,
  squaredCosineBetas,
} from "../../../src/flow/diffusion/index.ts";
import { coefficientsAt, type Scheduler } from "../../../src/flow/path/index.ts";

export const doubles = (values: readonly number[], shape = [values.length]): NdArray<"float64"> =>
  ndarray(Float64Array.from(values), shape, "float64");

/** A hundred steps that end at noise: alphaBar is 4e-5 and 1e-6 there. */
export const linear = fromBetas(linearBetas(100, { first: 1e-3, last: 0.2 }));
export const squaredCosine = fromBetas(squaredCosineBetas(100));

export const predictions: readonly DiffusionPrediction[] = ["velocity", "target", "noise", "score", "v"];

/** N(mean, std^2) in every element. */
export interface Gaussian {
  readonly mean: number;
  readonly std: number;
}

/**
 * The perfect network for Gaussian data and standard normal x0: E[x1 | xt] = mean + alpha std^2 / (alpha^2 std^2 +
 * sigma^2) (xt - alpha mean), and E[x0 | xt] with it.
 */
export function perfect({ mean, std }: Gaussian, scheduler: Scheduler, to: DiffusionPrediction): Network {
  return (xt, t) => {
    const { alpha, sigma } = coefficientsAt("perfect", scheduler, { x: xt, t });
    const spread = add(mul(mul(alpha, alpha), std * std), mul(sigma, sigma));
    const rest = div(sub(xt, mul(alpha, mean)), spread);
    const x1 = add(mul(mul(rest, alpha), std * std), mean);
    return predictionOf(scheduler, { x0: mul(rest, sigma), x1, t, to });
  };
}

/** The numbers of a function that declares draws, each from the key folded by its name, as compiled functions do. */
export function drawn(
  fn: (draw: ReturnType<typeof declarations>["draw"]) => Tensor,
  key: Key,
): NdArray<"float64"> {
  const { draw, declared } = declarations();
  const result = fn(draw);
  const feeds = new Map<Tensor, NdArray>(
    declared.map((input) => [input, normal(key.fold(input.attributes.name), input.shape)]),
  );
  return interpretGraph([result], feeds)[0]!;
}

export function moments({ data }: NdArray): { mean: number; variance: number } {
  const values = Array.from(data);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, variance: values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length - 1) };
}

/** A network of tensors as a compiled one. */
export const hostField = (network: Network) => async (x: NdArray, t: NdArray) => interpret(network, x, t);
