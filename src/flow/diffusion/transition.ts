import { AdvectError } from "../../engine/error.ts";
import { valueFloor } from "../path/scheduler.ts";

/** A noise level: xt = alpha x1 + sigma x0. */
export interface NoiseLevel {
  readonly alpha: number;
  readonly sigma: number;
}

/** x at the next level = target x1 + noise x0 + std z, with x1, x0 as predicted and fresh z ~ N(0, 1). */
export interface TransitionWeights {
  readonly target: number;
  readonly noise: number;
  readonly std: number;
}

/** How a sampler goes from one noise level to a lower one: all samplers here differ in nothing else. */
export interface Transition {
  readonly name: string;
  weights(levels: { readonly from: NoiseLevel; readonly to: NoiseLevel }): TransitionWeights;
}

/**
 * The variances of a step of the forward diffusion, from `to` up to `from`, and of its inverse when x1 is known:
 * large = sigma_from^2 - (alpha_from / alpha_to)^2 sigma_to^2, which is beta for neighbouring steps, and
 * small = large sigma_to^2 / sigma_from^2 [ho2020, Eq. 7]. 0 on arrival at the data.
 */
export function posteriorVariances({ from, to }: { readonly from: NoiseLevel; readonly to: NoiseLevel }): {
  readonly small: number;
  readonly large: number;
} {
  if (to.sigma < valueFloor) return { small: 0, large: 0 };
  const large = Math.max(from.sigma ** 2 - ((from.alpha / to.alpha) * to.sigma) ** 2, 0);
  return { small: large * (to.sigma / from.sigma) ** 2, large };
}

export interface DdpmOptions {
  /**
   * Of the fresh noise. "small" (default) is exact for data in one point, "large" for standard normal data; a number v in
   * [0, 1] is between them, small^(1 - v) large^v, as networks learn it [nichol2021, Eq. 15].
   */
  readonly variance?: "small" | "large" | number;
}

/** Ancestral sampling: the mean of q(x_to | x_from, x1) plus noise [ho2020, Algorithm 2]. Throws "option". */
export function ddpm({ variance = "small" }: DdpmOptions = {}): Transition {
  const v = variance === "small" ? 0 : variance === "large" ? 1 : variance;
  checkUnit("ddpm", "variance", v);
  return {
    name: `ddpm(${variance})`,
    weights: ({ from, to }) => {
      const { small, large } = posteriorVariances({ from, to });
      return { ...towards(to, small), std: Math.sqrt(small ** (1 - v) * large ** v) };
    },
  };
}

/**
 * The same marginals with eta^2 times the noise: eta = 0 (default) is deterministic and the probability flow in the limit
 * of many steps, eta = 1 is ddpm({ variance: "small" }) [song2021a, Eq. 12 and 16]. Throws "option" outside of [0, 1].
 */
export function ddim({ eta = 0 }: { readonly eta?: number } = {}): Transition {
  checkUnit("ddim", "eta", eta);
  return {
    name: `ddim(${eta})`,
    weights: ({ from, to }) => {
      const variance = eta * eta * posteriorVariances({ from, to }).small;
      return { ...towards(to, variance), std: Math.sqrt(variance) };
    },
  };
}

/** Forgets the predicted noise, and draws all of it anew: sampling with consistency models [song2023, Algorithm 1]. */
export const renoise: Transition = {
  name: "renoise",
  weights: ({ to }) => ({ target: to.alpha, noise: 0, std: to.sigma < valueFloor ? 0 : to.sigma }),
};

/** Of the noise level sigma_to, `fresh` of the variance is left for z. */
const towards = ({ alpha, sigma }: NoiseLevel, fresh: number): { target: number; noise: number } => ({
  target: alpha,
  noise: Math.sqrt(Math.max(sigma * sigma - fresh, 0)),
});

function checkUnit(where: string, name: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new AdvectError("option", where, { expected: `${name} in [0, 1]`, got: value });
}
