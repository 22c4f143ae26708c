import type { NdArray } from "../../engine/array/index.ts";
import { type Key, normal } from "../../engine/random/index.ts";
import type { CompiledField } from "../field/index.ts";
import { checkState, checkTimes } from "./check.ts";
import { combine, type System, system, typed } from "./system.ts";

/** dx = (v + g^2 / 2 score) dt + g dW: the same marginals as dx = v dt, for any g(t) >= 0 [albergo2023]. */
export interface DiffusedField {
  readonly velocity: CompiledField;
  /** grad log p_t(x). */
  readonly score: CompiledField;
  /** g(t). */
  readonly diffusion: (t: number) => number;
}

/** Where a stochastic step starts, how long it is, and the increment of dW for every element, sqrt(dt) N(0, 1). */
export interface StochasticStep {
  readonly x: Float64Array;
  readonly t: number;
  readonly dt: number;
  readonly increment: Float64Array;
}

type Drift = (x: Float64Array, t: number) => Promise<Float64Array>;

export interface StochasticStepper {
  readonly name: string;
  /** Calls of velocity and score per step, each. */
  readonly stages: number;
  step(system: System, drift: Drift, g: (t: number) => number, from: StochasticStep): Promise<Float64Array>;
}

/** x' = x + f(x, t) dt + g(t) dW: weak order 1 [kloeden1992]. */
export const eulerMaruyama: StochasticStepper = {
  name: "eulerMaruyama",
  stages: 1,
  step: async ({ width }, drift, g, { x, t, dt, increment }) =>
    noisy(combine(x, [await drift(x, t)], { weights: [1], dt: Float64Array.of(dt), width }), g(t), increment),
};

/** Euler-Maruyama's step as a prediction, then the mean drift of both ends: weak order 2, as g does not depend on x [kloeden1992]. */
export const stochasticHeun: StochasticStepper = {
  name: "stochasticHeun",
  stages: 2,
  step: async ({ width }, drift, g, { x, t, dt, increment }) => {
    const first = await drift(x, t);
    const length = Float64Array.of(dt);
    const guess = noisy(combine(x, [first], { weights: [1], dt: length, width }), g(t), increment);
    const slopes = [first, await drift(guess, t + dt)];
    const moved = combine(x, slopes, { weights: [1 / 2, 1 / 2], dt: length, width });
    return noisy(moved, (g(t) + g(t + dt)) / 2, increment);
  },
};

const noisy = (x: Float64Array, g: number, increment: Float64Array): Float64Array =>
  x.map((value, e) => value + g * increment[e]!);

export interface SdeOptions {
  /** Ascending; one step from each to the next. */
  readonly times: readonly number[];
  /** Step i draws its noise from key.fold(i). */
  readonly key: Key;
  /** Default: `eulerMaruyama`. */
  readonly solver?: StochasticStepper;
  /** N(0, 1) draws of step i in place of the key's: [batch, ...event]. */
  readonly noise?: (step: number) => NdArray;
}

export interface SdeReport {
  readonly x: NdArray;
  /** Calls of velocity and of score, together. */
  readonly nfe: number;
  readonly reason: "finished" | "nonFinite";
  /** The time of x: where it was last finite. */
  readonly time: number;
}

/**
 * Samples dx = (v + g^2 / 2 score) dt + g dW from x0 [batch, ...event] at the first time. The same key gives the same
 * samples. A field that is not finite ends it early, with the reason. Throws "option" unless times ascend.
 */
export async function solveSde(
  { velocity, score, diffusion }: DiffusedField,
  x0: NdArray,
  { times, key, solver = eulerMaruyama, noise = (i) => normal(key.fold(i), x0.shape) }: SdeOptions,
): Promise<SdeReport> {
  checkAscending(times);
  checkState("solveSde", x0);
  const [v, s] = [system(velocity, x0, 1), system(score, x0, 1)];
  const drift: Drift = async (x, t) => {
    const [time, half] = [Float64Array.of(t), diffusion(t) ** 2 / 2];
    const velocities = await v.evaluate(x, time);
    if (half === 0) return velocities;
    const scores = await s.evaluate(x, time);
    return velocities.map((value, e) => value + half * scores[e]!);
  };
  let x = Float64Array.from(x0.data);
  for (let i = 0; ; i++) {
    const [t, dt] = [times[i]!, times[i + 1]! - times[i]!];
    const done = i === times.length - 1;
    const next = done
      ? x
      : await solver.step(v, drift, diffusion, { x, t, dt, increment: increments(noise(i), dt) });
    const reason = next.every(Number.isFinite) ? "finished" : "nonFinite";
    if (done || reason === "nonFinite") {
      return { x: typed(x, x0.shape, v.dtype), nfe: v.nfe() + s.nfe(), reason, time: t };
    }
    x = Float64Array.from(next);
  }
}

function checkAscending(times: readonly number[]): void {
  checkTimes("solveSde", times);
  if (times[1]! < times[0]!) checkTimes("solveSde, which runs forward", []);
}

const increments = (noise: NdArray, dt: number): Float64Array =>
  Float64Array.from(noise.data, (value) => value * Math.sqrt(dt));
