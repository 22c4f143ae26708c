import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { type Key, normal, uniform } from "../../engine/random/index.ts";

/** Something in the plane to learn; the ready ones lie around the origin, nearly all in [-4, 4] x [-4, 4]. */
export interface Distribution {
  readonly name: string;
  /** `count` independent samples, [count, 2]. The first ones do not depend on `count`. Throws "shape". */
  sample(key: Key, count: number): NdArray<"float32">;
  /** ln p of each point, [count]; -Infinity outside the support. x: [count, 2]. Throws "shape". */
  logDensity?(x: NdArray): NdArray<"float64">;
  /** -E ln p in nats, where it is known exactly. */
  readonly entropy?: number;
}

export type Point = readonly [number, number];

/** Samples that are a function of a place, uniform in [0, 1), plus noise from N(0, noise^2 I). */
export function sampleAround(at: (place: number) => Point, noise: number): Distribution["sample"] {
  return (key, count) => {
    const places = uniform(key.fold("place"), [count]).data;
    const samples = normal(key.fold("noise"), [count, 2], { std: noise });
    for (let i = 0; i < count; i++) {
      const [x, y] = at(places[i]!);
      samples.data[2 * i]! += x;
      samples.data[2 * i + 1]! += y;
    }
    return samples;
  };
}

/** ln p of every row of x: [count, 2]. Throws "shape". */
export function eachPoint(x: NdArray, logDensity: (point: Point) => number): NdArray<"float64"> {
  if (x.shape.length !== 2 || x.shape[1] !== 2) {
    throw new AdvectError("shape", "logDensity", { expected: "points of shape [count, 2]", got: x.shape });
  }
  const result = new Float64Array(x.shape[0]!);
  for (let i = 0; i < result.length; i++) result[i] = logDensity([x.data[2 * i]!, x.data[2 * i + 1]!]);
  return ndarray(result, [result.length], "float64");
}

/** ln sum exp without overflow; -Infinity for nothing. */
export function logSumExp(values: Float64Array): number {
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i]!);
  if (largest === -Infinity) return -Infinity;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const rest = values[i]! - largest;
    if (rest > -50) sum += Math.exp(rest); // e^-50 is lost beside 1, even a thousand times
  }
  return largest + Math.log(sum);
}

/** Throws "option" unless `value` is a finite number > 0. */
export function checkOption(where: string, name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new AdvectError("option", where, { expected: `a finite ${name} > 0`, got: value });
}
