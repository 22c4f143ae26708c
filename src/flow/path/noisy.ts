import { AdvectError } from "../../engine/error.ts";
import { add, div, filled, mul, sameShape, sqrt, sub, type Tensor } from "../../engine/tensor/index.ts";
import { alongEvent } from "../field/index.ts";
import { affine, type Path, type PathDraw, type PathSample } from "./affine.ts";
import { condOT } from "./schedulers.ts";

/** The deviation gamma of the noise around the mean of a path, and its time derivative; each of the shape of t. */
export interface Spread {
  readonly name: string;
  /** The sigma of its definition. */
  readonly scale: number;
  at(t: Tensor): { readonly gamma: Tensor; readonly dGamma: Tensor };
}

/** As PathDraw, and z, standard normal, of the shape of x1. */
export interface NoisyDraw extends PathDraw {
  readonly z: Tensor;
}

export interface NoisySample extends PathSample {
  readonly z: Tensor;
  /** Of the shape of t. */
  readonly gamma: Tensor;
}

/** A path with noise of its own: what `Path` is, for draws with a z. */
export interface NoisyPath {
  readonly name: string;
  readonly spread: Spread;
  sample(draw: NoisyDraw): NoisySample;
}

/**
 * A stochastic interpolant, xt = mean + gamma z with the point of `path` as the mean, and velocity = its velocity +
 * dGamma z [albergo2023]. Given E[z | xt], the score of p_t is -E[z | xt] / gamma, whatever x0 is. Throws "shape".
 */
export function noisy(path: Path, spread: Spread): NoisyPath {
  return {
    name: `${path.name} + ${spread.name}`,
    spread,
    sample: ({ z, ...draw }) => {
      const mean = path.sample(draw);
      if (!sameShape(z.shape, mean.xt.shape)) {
        const expected = `z of the shape of x1, [${mean.xt.shape}]`;
        throw new AdvectError("shape", "path.sample", { expected, got: z.shape });
      }
      const { gamma, dGamma } = spread.at(draw.t);
      const along = (values: Tensor) => alongEvent("path.sample", values, z);
      const xt = add(mean.xt, mul(z, along(gamma)));
      return { ...mean, z, gamma, xt, velocity: add(mean.velocity, mul(z, along(dGamma))) };
    },
  };
}

/** gamma = sigma at every t, so the ends are blurred too [tong2024]. Throws "option" unless sigma is finite, >= 0. */
export function constantSpread(sigma: number): Spread {
  checkSpread("constantSpread", { sigma });
  return {
    name: `constant(${sigma})`,
    scale: sigma,
    at: ({ shape, dtype }) => ({ gamma: filled(shape, sigma, dtype), dGamma: filled(shape, 0, dtype) }),
  };
}

export interface BrownianOptions {
  /** Of the Brownian motion: dx = ... + sigma dW. Finite, >= 0. */
  readonly sigma: number;
  /** Added to the divisor of dGamma; finite, > 0. Default 1e-8. */
  readonly softening?: number;
}

/**
 * gamma = sigma sqrt(t (1 - t)), that of a Brownian bridge: both ends are exact. dGamma = gamma (1 - 2t) /
 * (2 t (1 - t) + softening) is 0 at t = 0 and 1, where the slope is infinite, and at most about sigma / (3 sqrt(softening)).
 * Its square has no finite mean without softening: train on t in [0.01, 0.99] or so. Throws "option".
 */
export function brownianSpread({ sigma, softening = 1e-8 }: BrownianOptions): Spread {
  checkSpread("brownianSpread", { sigma, softening });
  if (softening === 0) {
    const expected = "softening > 0";
    throw new AdvectError("option", "brownianSpread", { expected, got: softening });
  }
  return {
    name: `brownian(${sigma})`,
    scale: sigma,
    at: (t) => {
      const product = mul(t, sub(1, t));
      const gamma = mul(sqrt(product), sigma);
      const slope = div(sub(1, mul(t, 2)), add(mul(product, 2), softening));
      return { gamma, dGamma: mul(gamma, slope) };
    },
  };
}

/**
 * xt = t x1 + (1 - t) x0 + sigma sqrt(t (1 - t)) z: the Schrödinger bridge between the ends, where pairs come from
 * `sinkhornOT({ epsilon: 2 sigma^2 })` [tong2024b]. Throws "option" unless sigma is finite and >= 0.
 */
export function schrodingerBridge(options: BrownianOptions): NoisyPath {
  return noisy(affine(condOT), brownianSpread(options));
}

function checkSpread(where: string, options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (Number.isFinite(value) && value >= 0) continue;
    throw new AdvectError("option", where, { expected: `a finite ${name} >= 0`, got: value });
  }
}
