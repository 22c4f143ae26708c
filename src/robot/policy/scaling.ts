import { type NdArray, ndarray, type Shape, sizeOf } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { frameSize, type PolicyDesign } from "./design.ts";

/**
 * How numbers in their units and numbers of the network relate, element by element: y = (x - shift) / scale. They are
 * rounded to float32, as files keep them.
 */
export interface Scaling {
  readonly shift: Float64Array;
  /** > 0. */
  readonly scale: Float64Array;
}

/** One for every feature of the observation, of the size of a frame, and one for "action". */
export type Scalings = Readonly<Record<string, Scaling>>;

/** The same for all elements. */
export function sameScaling(size: number, { shift, scale }: { shift: number; scale: number }): Scaling {
  const filled = (value: number) => new Float64Array(size).fill(Math.fround(value));
  return { shift: filled(shift), scale: filled(scale) };
}

/** Ways to find a scaling from what an element does over the demonstrations. */
export const scalingRules = {
  /** To mean 0 and deviation 1. */
  standardized: ({ mean, std }: Statistics) => ({ shift: mean, scale: std }),
  /** From min … max to -1 … 1. */
  rescaled: ({ min, max }: Statistics) => ({ shift: (min + max) / 2, scale: (max - min) / 2 }),
  none: () => ({ shift: 0, scale: 1 }),
} as const;

export type ScalingRule = keyof typeof scalingRules;

interface Statistics {
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
}

/**
 * The scaling of rows [count, size] by a rule; elements that do not vary are shifted only. Throws "numerical" for rows
 * that are not finite.
 */
export function scalingOf(
  rows: ArrayLike<number>,
  { size, rule }: { size: number; rule: ScalingRule },
): Scaling {
  const scaling = sameScaling(size, { shift: 0, scale: 1 });
  for (let element = 0; element < size; element++) {
    const found = scalingRules[rule](statisticsOf(rows, { size, element }));
    const varies = found.scale > 1e-6 * Math.max(1e-6, Math.abs(found.shift));
    scaling.shift[element] = Math.fround(found.shift);
    scaling.scale[element] = varies ? Math.fround(found.scale) : 1;
  }
  return scaling;
}

function statisticsOf(
  rows: ArrayLike<number>,
  { size, element }: { size: number; element: number },
): Statistics {
  const count = rows.length / size;
  let [sum, min, max] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = element; i < rows.length; i += size) {
    const value = rows[i]!;
    if (!Number.isFinite(value)) {
      throw new AdvectError("numerical", "scalingOf", {
        expected: "finite values",
        got: `${value} in row ${Math.floor(i / size)}`,
      });
    }
    sum += value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const mean = sum / count;
  let squares = 0;
  for (let i = element; i < rows.length; i += size) squares += (rows[i]! - mean) ** 2;
  return { mean, std: Math.sqrt(squares / count), min, max };
}

/** Writes (x - shift) / scale of `size` numbers of `from`, from `at` on, into `to` at `place`. */
export function scaleInto(
  { shift, scale }: Scaling,
  { from, at, to, place }: { from: ArrayLike<number>; at: number; to: Float32Array; place: number },
): void {
  for (let i = 0; i < shift.length; i++) to[place + i] = (from[at + i]! - shift[i]!) / scale[i]!;
}

/** "action.shift", "action.scale" …: what stats.safetensors holds. */
export function scalingsToArrays(scalings: Scalings): Record<string, NdArray<"float32">> {
  const wrap = (values: Float64Array) => ndarray(Float32Array.from(values), [values.length]);
  return Object.fromEntries(
    Object.entries(scalings).flatMap(([name, { shift, scale }]) => [
      [`${name}.shift`, wrap(shift)],
      [`${name}.scale`, wrap(scale)],
    ]),
  );
}

/** The inverse. Names that are of no use here are passed over; `checkScalings` says what is missing. */
export function scalingsFromArrays(arrays: Readonly<Record<string, NdArray>>): Scalings {
  const numbers = (array: NdArray | undefined) => Float64Array.from(array?.data ?? []);
  const names = Object.keys(arrays).flatMap((path) =>
    path.endsWith(".shift") ? [path.slice(0, -".shift".length)] : [],
  );
  return Object.fromEntries(
    names.map((name) => [
      name,
      { shift: numbers(arrays[`${name}.shift`]), scale: numbers(arrays[`${name}.scale`]) },
    ]),
  );
}

/**
 * Throws "option" unless there is a scaling for every feature and for the action, each finite and with scales > 0: a
 * feature that silently passes unchanged ruins a policy.
 */
export function checkScalings(
  scalings: Scalings,
  { spec }: Pick<PolicyDesign, "spec">,
  where = "policy",
): void {
  const sizes: [string, number][] = Object.entries(spec.observation).map(([name, shape]) => [
    name,
    sizeOf(shape),
  ]);
  for (const [name, size] of [...sizes, ["action", spec.action.length] as const]) {
    const found = Object.hasOwn(scalings, name) ? scalings[name] : undefined;
    const whole =
      found?.shift.length === size &&
      found.scale.length === size &&
      found.shift.every(Number.isFinite) &&
      found.scale.every((value) => Number.isFinite(value) && value > 0);
    if (whole) continue;
    throw new AdvectError("option", `${where}: normalisation`, {
      expected: `a finite shift and a scale > 0 for each of the ${size} elements of ${name}`,
      got: found ? "others" : `those of ${Object.keys(scalings).join(", ") || "nothing"}`,
      fix: "Store them with the policy: they come from the data that it was trained on.",
    });
  }
}

/** Shift and scale of the network's condition, as arrays [obsHorizon * frame]. */
export function conditionScaling({ spec }: Pick<PolicyDesign, "spec">, scalings: Scalings): Scaling {
  const size = frameSize(spec);
  const frame = sameScaling(size, { shift: 0, scale: 1 });
  let at = 0;
  for (const [name, shape] of Object.entries(spec.observation) as [string, Shape][]) {
    frame.shift.set(scalings[name]!.shift, at);
    frame.scale.set(scalings[name]!.scale, at);
    at += sizeOf(shape);
  }
  const repeated = (values: Float64Array) =>
    Float64Array.from({ length: size * spec.obsHorizon }, (_, i) => values[i % size]!);
  return { shift: repeated(frame.shift), scale: repeated(frame.scale) };
}
