import { type NdArray, ndarray, type Shape } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { CompiledField } from "../field/index.ts";
import type { Tableau } from "./tableau.ts";

/** A field on host vectors: float64 here, the dtype of the initial state in the field; and the count of its calls. */
export interface System {
  readonly shape: Shape;
  readonly dtype: "float32" | "float64";
  readonly batch: number;
  /** Groups of samples with one time each, of `width` elements. */
  readonly groups: number;
  readonly width: number;
  /** v(x, t); t has one time for each group. Throws "shape" when the field returns another shape. */
  evaluate(x: Float64Array, t: Float64Array): Promise<Float64Array>;
  nfe(): number;
}

export function system(field: CompiledField, x0: NdArray, groups: number): System {
  const { shape } = x0;
  const dtype = x0.dtype as "float32" | "float64";
  const batch = shape[0]!;
  let calls = 0;
  const evaluate = async (x: Float64Array, t: Float64Array): Promise<Float64Array> => {
    calls++;
    const times = Float64Array.from({ length: batch }, (_, i) => t[Math.floor((i * groups) / batch)]!);
    const v = await field(typed(x, shape, dtype), typed(times, [batch], dtype));
    if (v.data.length === x.length) return new Float64Array(v.data);
    throw new AdvectError("shape", "solve", { expected: `a field of shape [${shape}]`, got: v.shape });
  };
  return { shape, dtype, batch, groups, width: x0.data.length / groups, evaluate, nfe: () => calls };
}

/** A copy of the numbers as an array of the state's type. */
export function typed(data: Float64Array, shape: Shape, dtype: "float32" | "float64"): NdArray {
  return dtype === "float32" ? ndarray(new Float32Array(data), shape) : ndarray(data.slice(), shape, dtype);
}

export interface Attempt {
  readonly x: Float64Array;
  readonly slope: Float64Array;
  readonly t: Float64Array;
  readonly dt: Float64Array;
}

export interface Stages {
  /** The state after the step. */
  readonly next: Float64Array;
  readonly slopes: readonly Float64Array[];
}

/** A step of every group; `slope` is v(x, t), the first stage. `count` stages are evaluated. */
export async function attempt(
  { evaluate, width }: System,
  { a, b, c }: Tableau,
  { x, slope, t, dt, count }: Attempt & { readonly count: number },
): Promise<Stages> {
  const slopes = [slope];
  for (let i = 1; i < count; i++) {
    const time = t.map((start, g) => start + c[i]! * dt[g]!);
    slopes.push(await evaluate(combine(x, slopes, { weights: a[i]!, dt, width }), time));
  }
  return { next: combine(x, slopes, { weights: b, dt, width }), slopes };
}

/** x + dt sum_i weights_i slopes_i, dt by group of `width` elements. */
export function combine(
  x: Float64Array,
  slopes: readonly Float64Array[],
  { weights, dt, width }: { weights: readonly number[]; dt: Float64Array; width: number },
): Float64Array {
  const next = new Float64Array(x.length);
  slopes.forEach((slope, i) => {
    const weight = weights[i] ?? 0;
    if (weight !== 0) for (let e = 0; e < next.length; e++) next[e]! += weight * slope[e]!;
  });
  dt.forEach((length, g) => {
    for (let e = g * width; e < (g + 1) * width; e++) next[e] = x[e]! + length * next[e]!;
  });
  return next;
}
