import {
  adaptive,
  adaptiveHeun,
  type BetaScheduler,
  bosh3,
  cosineGrid,
  ddim,
  ddpm,
  dopri5,
  dopri8,
  edmGrid,
  euler,
  eulerMaruyama,
  fehlberg2,
  fixed,
  heun2,
  heun3,
  midpoint,
  ralston,
  rk4,
  rk4ThreeEighths,
  shiftedGrid,
  spacedTimes,
  stochasticHeun,
  swayGrid,
  type Trained,
  type Transition,
  tsit5,
  uniformGrid,
} from "../../flow/index.ts";
import type { GridWords, SolverWords } from "../recipe/index.ts";

export const ordinary = {
  euler,
  midpoint,
  heun2,
  heun3,
  ralston,
  rk4,
  rk4ThreeEighths,
  fehlberg2,
  bosh3,
  dopri5,
  tsit5,
  dopri8,
  adaptiveHeun,
} as const;

export const stochastic = { eulerMaruyama, stochasticHeun } as const;

type OrdinaryName = keyof typeof ordinary;
type Ordinary = Extract<SolverWords, { kind: OrdinaryName }>;

export function isOrdinary(words: SolverWords): words is Ordinary {
  return Object.hasOwn(ordinary, words.kind);
}

/** Methods with an error estimate choose their steps; the others take one from each time to the next. */
export function controlOf(words: Ordinary) {
  const adapts = ordinary[words.kind].tableau.error !== undefined;
  return adapts ? adaptive(words as object) : fixed();
}

export function isAdaptive(words: SolverWords): boolean {
  return isOrdinary(words) && ordinary[words.kind].tableau.error !== undefined;
}

/** The rule of a diffusion model; undefined for other solvers. */
export function transitionOf(words: SolverWords): Transition | undefined {
  if (words.kind === "ddim") return ddim(words);
  return words.kind === "ddpm" ? ddpm(words) : undefined;
}

/** How far predicted data may lie. */
export function clipOf(solver: SolverWords): { readonly clip?: number } {
  return (solver.kind === "ddim" || solver.kind === "ddpm") && solver.clip !== undefined
    ? { clip: solver.clip }
    : {};
}

/** From 0 to 1. Throws "option". */
function gridOf(words: GridWords | undefined, steps: number): number[] {
  if (words === undefined || words.kind === "uniform") return uniformGrid(steps);
  if (words.kind === "cosine") return cosineGrid(steps);
  if (words.kind === "sway") return swayGrid(steps, words);
  return words.kind === "shifted" ? shiftedGrid(steps, words) : edmGrid(steps, words);
}

const margin = 1e-3;

export interface TimesRequest {
  readonly solver: SolverWords;
  readonly grid?: GridWords | undefined;
  readonly steps: number;
  readonly trained: Trained;
}

/**
 * Where the steps of a sampler begin and end. Networks for velocities are asked in all of [0, 1]; what others say is
 * divided by alpha or sigma, so they are asked from 0.001 to 0.999, and for the levels they learned where there are
 * such. Throws "option".
 */
export function timesOf({ solver, grid, steps, trained: { scheduler, prediction } }: TimesRequest): number[] {
  const levels = "steps" in scheduler ? (scheduler as BetaScheduler) : undefined;
  if (levels && transitionOf(solver) && !grid) return spacedTimes(levels, { count: steps });
  const times = gridOf(grid, steps);
  const stochastic = solver.kind === "eulerMaruyama" || solver.kind === "stochasticHeun";
  if (prediction === "velocity" && !stochastic) return times;
  const last = transitionOf(solver) ? 1 : 1 - margin;
  return times.map((t) => margin + (last - margin) * t);
}
