import fc from "fast-check";
import { array, type NdArray, ndarray } from "../../../src/engine/array/index.ts";
import { condOT, cosine, linearVP, polynomial, type Scheduler, vp } from "../../../src/flow/path/index.ts";

/** Every kind of scheduler, with the unusual options too. */
export const schedulers: readonly Scheduler[] = [
  condOT,
  polynomial(2),
  polynomial(3),
  polynomial(0.5),
  vp(),
  vp({ betaMin: 2, betaMax: 2 }),
  vp({ betaMin: 8, betaMax: 1 }),
  linearVP,
  cosine,
];

export const anyScheduler = fc.constantFrom(...schedulers);

/** Times away from the end points, where every conversion is well conditioned. */
export const inside = fc.double({ min: 0.05, max: 0.95, noNaN: true });

/** Both end points, and the float32 numbers next to them. */
export const ends = [0, 2 ** -24, 1e-5, 1 - 1e-5, 1 - 2 ** -24, 1];

export const doubles = (values: readonly number[]): NdArray<"float64"> => array([...values], "float64");

export const filledWith = (value: number, shape: readonly number[]): NdArray<"float64"> =>
  ndarray(new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(value), shape, "float64");

/** f'(t) by the five-point rule. */
export function slopeOf(f: (t: number) => number, t: number, h = 1e-4): number {
  return (8 * (f(t + h) - f(t - h)) - (f(t + 2 * h) - f(t - 2 * h))) / (12 * h);
}
