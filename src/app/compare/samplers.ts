import type { Draw, Tensor } from "../../engine/tensor/index.ts";
import { denoise, spacedTimes, type Transition } from "../../flow/diffusion/index.ts";
import { type AverageVelocity, jump } from "../../flow/matching/index.ts";
import { euler, integrate, uniformGrid } from "../../flow/solver/index.ts";
import { diffusionPrediction, levels } from "./trainings.ts";

/** One call of the network: from x at one time to x at the next. */
export interface Leg {
  readonly from: number;
  readonly to: number;
  /** For this leg only. */
  readonly draw: Draw;
}

/** How samples are drawn: legs between these times, each with one call of the network. */
export interface Sampler {
  /** nfe + 1 times from 0 to 1. */
  times(nfe: number): readonly number[];
  leg(network: AverageVelocity, x: Tensor, leg: Leg): Tensor;
}

/** Euler's method on a uniform grid: what it misses is how much the paths bend. */
export const eulerSteps: Sampler = {
  times: uniformGrid,
  leg: (network, x, { from, to }) =>
    integrate((at, t) => network(at, { from: t, to: t }), x, { times: [from, to], solver: euler }).x,
};

/** Jumps of equal length by the average velocity. */
export const jumps: Sampler = {
  times: uniformGrid,
  leg: (network, x, { from, to }) => jump(network, x, { times: [from, to] }).x,
};

/** The transitions of a diffusion model between as many of its levels, spaced evenly. */
export function transitions(transition: Transition): Sampler {
  return {
    times: (count) => spacedTimes(levels, { count }),
    leg: (network, x, { from, to, draw }) =>
      denoise((at, t) => network(at, { from: t, to: t }), x, {
        scheduler: levels,
        prediction: diffusionPrediction,
        times: [from, to],
        transition,
        draw,
      }).x,
  };
}

/** x at all times of the sampler, x0 the first: nfe + 1 states. */
export function states(
  { times, leg }: Sampler,
  network: AverageVelocity,
  x0: Tensor,
  { nfe, draw }: { readonly nfe: number; readonly draw: Draw },
): Tensor[] {
  const at = times(nfe);
  const reached = [x0];
  for (let i = 0; i < nfe; i++) {
    reached.push(leg(network, reached[i]!, { from: at[i]!, to: at[i + 1]!, draw: draw.fold(`leg ${i}`) }));
  }
  return reached;
}
