import type { Emitter, Ref } from "../emitter.ts";
import type { Lowering } from "./lowering.ts";
import { polynomial } from "./polynomial.ts";

/** One Sin or Cos, or its formula where the device's own are rough. */
export const sin: Lowering<"sin"> = (e, _, x) =>
  e.options.ownSines ? sineOf(e, x, 0.5) : e.node("Sin", [x]);
export const cos: Lowering<"cos"> = (e, _, x) => (e.options.ownSines ? sineOf(e, x, 0) : e.node("Cos", [x]));

/** pi as a sum of which the first two have few bits, so that their products with whole numbers are exact. */
const pi = [3.140625, 0.0009675025939941406, 1.509957990978376e-7];

/** sin(r) / r in powers of r^2 with relative error 5.3e-9 for |r| <= pi / 2, by Remez' exchange. */
const powers = [
  0.9999999946804913, -0.1666665667580576, 0.008333024950696285, -0.00019807405061336462,
  2.601872392382369e-6,
] as const;

/**
 * sin(x) with half = 1/2, cos(x) with half = 0, to 1.6e-7 for |x| <= 8000: with k = floor(x / pi + half), the remainder
 * r = x - (k + 1/2 - half) pi lies between -pi/2 and pi/2, and sin(x) = (-1)^k sin(r), cos(x) = -(-1)^k sin(r).
 */
function sineOf(e: Emitter, x: Ref, half: 0 | 0.5): Ref {
  const scalar = (value: number) => e.scalar(value, "float32");
  const add = (a: Ref, b: number) => e.node("Add", [a, scalar(b)]);
  const times = (a: Ref, b: number) => e.node("Mul", [a, scalar(b)]);
  const floor = (a: Ref) => e.node("Floor", [a]);
  const turns = times(x, 1 / Math.PI);
  const k = floor(half ? add(turns, half) : turns);
  const centre = half ? k : add(k, 0.5);
  const r = pi.reduce((rest, part) => e.node("Sub", [rest, times(centre, part)]), x);
  const slope = polynomial(e, e.node("Mul", [r, r]), powers);
  const odd = e.node("Sub", [k, times(floor(times(k, 0.5)), 2)]);
  const sign = half ? add(times(odd, -2), 1) : add(times(odd, 2), -1);
  return e.node("Mul", [e.node("Mul", [r, slope]), sign]);
}
