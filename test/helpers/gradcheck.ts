import { type NdArray, ndarray, type Shape, sizeOf } from "../../src/engine/array/index.ts";
import {
  add,
  cast,
  constant,
  input,
  interpretGraph,
  isFloat,
  jvp,
  leaves,
  type MappedList,
  mapTree,
  mul,
  sum,
  type Tensor,
  vjp,
} from "../../src/engine/tensor/index.ts";

export interface GradientCheck {
  /** The largest |difference| / max(|gradient|, 1e-3) allowed for any argument; 1e-6 by default. */
  readonly relative?: number;
  /** Fixes the weights that contract the output, and the directions in large arguments. */
  readonly seed?: number;
}

type Fn<Args extends readonly unknown[]> = (...args: Args) => Tensor;

/**
 * Compares the gradient by vjp with finite differences in float64, with respect to every float leaf of the arguments:
 * element by element in leaves of up to 48 elements, along 8 random directions in larger ones. The output may have any
 * shape; it is contracted with fixed random weights. Returns the largest relative error; throws when it is too large.
 */
export function checkGradient<Args extends readonly unknown[]>(
  fn: Fn<Args>,
  args: MappedList<Args, NdArray>,
  { relative = 1e-6, seed = 1 }: GradientCheck = {},
): number {
  const { output, variables, feeds } = trace(fn, args);
  const weights = sample(output.shape, seed);
  const wrt = [...variables.values()];
  const gradients = vjp({ outputs: [output], cotangents: [constant(weights, output.dtype)], wrt });
  const values = interpretGraph(gradients, feeds);
  const errors = [...variables].map(([name, x], i) => {
    const value = feeds.get(x)!.data as Float64Array;
    const along = (direction: Float64Array): [number, number] => {
      const difference = slope((h) => {
        const moved = value.map((v, j) => v + h * direction[j]!);
        const [y] = interpretGraph([output], new Map(feeds).set(x, ndarray(moved, x.shape, "float64")));
        return dot(y!.data, weights.data);
      });
      return [dot(values[i]!.data, direction), difference];
    };
    return compare(name, directions(x.shape, seed + i).map(along), relative);
  });
  return Math.max(...errors);
}

/** The same for the gradient of the gradient: every second derivative, contracted with fixed random weights. */
export function checkSecondDerivative<Args extends readonly unknown[]>(
  fn: Fn<Args>,
  args: MappedList<Args, NdArray>,
  options: GradientCheck = {},
): number {
  const seed = (options.seed ?? 1) + 1000;
  const slopeOfSlope = (...inputs: Args): Tensor => {
    const output = fn(...inputs);
    const cotangents = [constant(sample(output.shape, seed), output.dtype)];
    const wrt = leaves<Tensor>(inputs).filter(isFloat);
    return vjp({ outputs: [output], cotangents, wrt })
      .map((g, i) => sum(mul(cast(g, "float64"), constant(sample(g.shape, seed + i + 1)))))
      .reduce((a, b) => add(a, b));
  };
  return checkGradient(slopeOfSlope, args, options);
}

/** Compares jvp with finite differences along random tangents, and checks <u, J v> = <Jᵀ u, v>. Returns the largest relative error. */
export function checkPushforward<Args extends readonly unknown[]>(
  fn: Fn<Args>,
  args: MappedList<Args, NdArray>,
  { relative = 1e-6, seed = 1 }: GradientCheck = {},
): number {
  const { output, variables, feeds } = trace(fn, args);
  const wrt = [...variables.values()];
  const v = wrt.map((x, i) => sample(x.shape, seed + i));
  const u = sample(output.shape, seed + 100);
  const tangents = v.map((array, i) => constant(array, wrt[i]!.dtype));
  const [pushed] = jvp({ outputs: [output], wrt, tangents });
  const pulled = vjp({ outputs: [output], cotangents: [constant(u, output.dtype)], wrt });
  const [jv, ...jtu] = interpretGraph([pushed!, ...pulled], feeds);
  const moved = (h: number) => {
    const at = new Map(feeds);
    wrt.forEach((x, i) => {
      const data = (feeds.get(x)!.data as Float64Array).map((value, j) => value + h * v[i]!.data[j]!);
      at.set(x, ndarray(data, x.shape, "float64"));
    });
    return interpretGraph([output], at)[0]!.data;
  };
  const differences = Array.from(jv!.data, (value, j): [number, number] => [
    value,
    slope((h) => moved(h)[j]!),
  ]);
  const duality: [number, number] = [
    dot(u.data, jv!.data),
    jtu.reduce((total, array, i) => total + dot(array.data, v[i]!.data), 0),
  ];
  return Math.max(compare("jvp", differences, relative), compare("<u, J v>", [duality], relative));
}

/** Numbers between low and high (default -2 and 2) that depend on the seed only, in float64. */
export function sample(
  shape: Shape,
  seed: number,
  [low, high]: readonly [number, number] = [-2, 2],
): NdArray<"float64"> {
  let state = (seed * 2654435761 + 12345) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
  return ndarray(
    Float64Array.from({ length: sizeOf(shape) }, () => low + (high - low) * next()),
    shape,
    "float64",
  );
}

function trace<Args extends readonly unknown[]>(fn: Fn<Args>, args: MappedList<Args, NdArray>) {
  const feeds = new Map<Tensor, NdArray>();
  const variables = new Map<string, Tensor>();
  const inputs = mapTree(args, (array: NdArray, path) => {
    const dtype = array.dtype === "uint8" ? "int32" : array.dtype;
    const tensor = input(path, { shape: array.shape, dtype });
    feeds.set(
      tensor,
      isFloat(tensor) ? ndarray(Float64Array.from(array.data), array.shape, "float64") : array,
    );
    if (isFloat(tensor)) variables.set(path, tensor);
    return tensor;
  });
  const output = fn(...(inputs as unknown as Args));
  if (variables.size === 0 || !isFloat(output)) throw new Error("there is nothing to differentiate");
  return { output, variables, feeds };
}

/** f'(0) by the five-point rule: truncation h^4 f⁽⁵⁾ / 30 ~ 1e-15, rounding ~ 1e-13 |f|. */
function slope(f: (h: number) => number): number {
  const h = 5e-4;
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

function directions(shape: Shape, seed: number): Float64Array[] {
  const size = sizeOf(shape);
  if (size > 48) return Array.from({ length: 8 }, (_, i) => sample(shape, seed + 31 * i).data);
  return Array.from({ length: size }, (_, i) => {
    const unit = new Float64Array(size);
    unit[i] = 1;
    return unit;
  });
}

/** The distance of two lists of numbers, in units of the larger list; throws beyond `relative`, also for NaN. */
function compare(
  name: string,
  pairs: readonly (readonly [got: number, expected: number])[],
  relative: number,
): number {
  const norm = (of: (pair: readonly [number, number]) => number) => Math.hypot(...pairs.map(of));
  const error =
    norm(([got, expected]) => got - expected) /
    Math.max(
      norm(([a]) => a),
      norm(([, b]) => b),
      1e-3,
    );
  if (error <= relative) return error;
  const shown = pairs.slice(0, 8).map(([got, expected]) => `${got} (finite differences ${expected})`);
  throw new Error(`gradient of ${name}: relative error ${error} > ${relative}: ${shown.join(", ")}`);
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}
