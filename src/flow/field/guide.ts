import { AdvectError } from "../../engine/error.ts";
import {
  add,
  and,
  greaterEqual,
  lessEqual,
  mul,
  sub,
  type Tensor,
  where,
} from "../../engine/tensor/index.ts";
import { alongEvent, type VelocityField } from "./velocity-field.ts";

/**
 * How strong, in one of the two published conventions, which differ by one: `scale` s is
 * unconditional + s (conditional - unconditional), s = 1 without guidance [ho2022];
 * `weight` w is (1 + w) conditional - w unconditional, w = 0 without guidance [lipman2024].
 */
export type Strength =
  | { readonly scale: number; readonly weight?: never }
  | { readonly weight: number; readonly scale?: never };

export type Guidance = Strength & {
  readonly conditional: VelocityField;
  readonly unconditional: VelocityField;
  /**
   * The times, both included, at which to guide; elsewhere the conditional field is used alone (Kynkäänniemi et al.
   * 2024). Always, unless given.
   */
  readonly interval?: readonly [from: number, to: number];
};

/**
 * Classifier-free guidance, v = conditional + w (conditional - unconditional) with w = scale - 1 [ho2022]. Each call
 * evaluates both fields; with constant times outside of the interval, and without guidance, only the conditional one
 * stays in the graph. Throws "option" for a strength that is not finite, for both or neither, or an empty interval.
 */
export function guide({ conditional, unconditional, scale, weight, interval }: Guidance): VelocityField {
  const strength = weightOf(scale, weight);
  if (interval) checkInterval(interval);
  return (x, t) => {
    const guided = conditional(x, t);
    const difference = sub(guided, unconditional(x, t));
    if (!interval) return add(guided, mul(difference, strength));
    const active = where(inside(t, interval), strength, 0).cast(x.dtype);
    return add(guided, mul(difference, alongEvent("guide", active, x)));
  };
}

function inside(t: Tensor, [from, to]: readonly [number, number]): Tensor {
  return and(greaterEqual(t, from), lessEqual(t, to));
}

function weightOf(scale: number | undefined, weight: number | undefined): number {
  const given = scale === undefined ? weight : weight === undefined ? scale - 1 : Number.NaN;
  if (given !== undefined && Number.isFinite(given)) return given;
  throw new AdvectError("option", "guide", {
    expected: "either a finite scale or a finite weight",
    got: `scale ${scale}, weight ${weight}`,
    fix: "scale = 1 + weight: the two conventions differ by one.",
  });
}

function checkInterval([from, to]: readonly [number, number]): void {
  if (from <= to) return;
  throw new AdvectError("option", "guide", {
    expected: "an interval [from, to] with from <= to",
    got: [from, to],
    fix: "Time runs from 0 (noise) to 1 (data).",
  });
}
