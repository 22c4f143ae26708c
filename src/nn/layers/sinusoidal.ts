import { ndarray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { type Key, normal } from "../../engine/random/index.ts";
import {
  concat,
  constant,
  cos,
  expandDims,
  matmul,
  mul,
  sin,
  type Tensor,
} from "../../engine/tensor/index.ts";
import { checkCounts } from "../check.ts";

export interface SinusoidalOptions {
  /** Even. */
  readonly size: number;
  /** 1 / lowest frequency (radians), or nearly: see the functions; 10000 unless given. */
  readonly maxPeriod?: number;
}

/**
 * [sin(x f), cos(x f)], f_i = maxPeriod^(-i / (h - 1)), i < h = size / 2: from 1 down to 1 / maxPeriod, both included.
 * x [...] -> [..., size]. The convention of diffusion policy's SinusoidalPosEmb. Throws "option" for an odd size.
 */
export function sinusoidalEmbedding(x: Tensor, { size, maxPeriod = 10000 }: SinusoidalOptions): Tensor {
  const half = halfOf("sinusoidalEmbedding", size, 4);
  const phases = phasesOf(x, { half, maxPeriod, divisor: half - 1 });
  return concat([sin(phases), cos(phases)], -1);
}

/**
 * [cos(x f), sin(x f)], f_i = maxPeriod^(-i / h), i < h = size / 2. x [...] -> [..., size].
 * The convention of guided-diffusion's timestep_embedding and of DiT. Throws "option" for an odd size.
 */
export function timestepEmbedding(x: Tensor, { size, maxPeriod = 10000 }: SinusoidalOptions): Tensor {
  const half = halfOf("timestepEmbedding", size, 2);
  const phases = phasesOf(x, { half, maxPeriod, divisor: half });
  return concat([cos(phases), sin(phases)], -1);
}

function halfOf(where: string, size: number, least: number): number {
  if (Number.isSafeInteger(size) && size >= least && size % 2 === 0) return size / 2;
  throw new AdvectError("option", where, { expected: `an even size of at least ${least}`, got: size });
}

function phasesOf(
  x: Tensor,
  { half, maxPeriod, divisor }: { half: number; maxPeriod: number; divisor: number },
): Tensor {
  const frequencies = Float64Array.from({ length: half }, (_, i) => maxPeriod ** (-i / divisor));
  return mul(expandDims(x, -1), constant(ndarray(frequencies, [half], "float64"), x.dtype));
}

/**
 * [sin(2 pi x F), cos(2 pi x F)] with F [inputs, size / 2] ~ N(0, std^2), drawn here from `key` and never trained
 * [tancik2020]. x [..., inputs] -> [..., size]. Throws "option" for an odd size.
 */
export function fourierFeatures(options: {
  readonly inputs: number;
  readonly size: number;
  /** 1 unless given; larger resolves finer detail. */
  readonly std?: number;
  readonly key: Key;
}): (x: Tensor) => Tensor {
  const { inputs, size, std = 1, key } = options;
  checkCounts("fourierFeatures", { inputs });
  const half = halfOf("fourierFeatures", size, 2);
  const frequencies = normal(key.fold("frequencies"), [inputs, half], { std: 2 * Math.PI * std });
  return (x) => {
    const phases = matmul(x, constant(frequencies, x.dtype));
    return concat([sin(phases), cos(phases)], -1);
  };
}
