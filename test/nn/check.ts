import { type NdArray, ndarray } from "../../src/engine/array/index.ts";
import {
  add,
  constant,
  leaves,
  type MappedList,
  mapTree,
  mul,
  reshape,
  slice,
  type Tensor,
  withLeaves,
} from "../../src/engine/tensor/index.ts";
import { checkGradient, checkSecondDerivative, type GradientCheck, sample } from "../helpers/gradcheck.ts";

type Fn<Args extends readonly unknown[]> = (...args: Args) => Tensor;

/**
 * Compares derivatives with finite differences along one random direction of every float leaf of the arguments: for
 * models with many parameters, where checkGradient would take every element.
 */
export function checkLeaves<Args extends readonly unknown[]>(
  fn: Fn<Args>,
  args: MappedList<Args, NdArray>,
  options: GradientCheck = {},
): number {
  const { along, at } = directional(fn, args);
  return checkGradient(along, [at], options);
}

/** The same for second derivatives. */
export function checkLeavesTwice<Args extends readonly unknown[]>(
  fn: Fn<Args>,
  args: MappedList<Args, NdArray>,
  options: GradientCheck = {},
): number {
  const { along, at } = directional(fn, args);
  return checkSecondDerivative(along, [at], options);
}

/** fn at args + s_i direction_i, as a function of the lengths s; at most 48 of them together, which checkGradient takes one by one. */
function directional<Args extends readonly unknown[]>(fn: Fn<Args>, args: MappedList<Args, NdArray>) {
  const arrays = leaves<NdArray>(args);
  const groups = Math.ceil(arrays.length / 48);
  const at = Array.from({ length: groups }, () => ndarray(new Float64Array(48), [48], "float64"));
  const along = (lengths: readonly Tensor[]): Tensor => {
    const moved = arrays.map((array, i) => {
      if (array.dtype !== "float64") return constant(array);
      const start = i % 48;
      const length = slice(lengths[Math.floor(i / 48)]!, { axis: 0, start, stop: start + 1 });
      return add(constant(array), mul(reshape(length, []), constant(sample(array.shape, 100 + i))));
    });
    return fn(...(withLeaves(args, moved) as unknown as Args));
  };
  return { along, at };
}

/** A tree of the same shapes, filled with float64 numbers in [-0.5, 0.5], so that nothing hides behind zeros and ones. */
export function scrambled<T>(tree: T): T {
  let seed = 1;
  return mapTree(tree, (leaf: NdArray) => sample(leaf.shape, seed++, [-0.5, 0.5])) as T;
}

/** A tree as float64. */
export function doubled<T>(tree: T): T {
  return mapTree(tree, ({ data, shape }: NdArray) => ndarray(Float64Array.from(data), shape, "float64")) as T;
}

/** Names and shapes, as "block.0.weight [3,4]". */
export function shapesOf(tree: unknown): string[] {
  const found: string[] = [];
  mapTree(tree, ({ shape }: NdArray, path) => {
    found.push(`${path} [${shape}]`);
  });
  return found;
}

export function sizeOfAll(tree: unknown): number {
  return leaves<NdArray>(tree).reduce((total, { data }) => total + data.length, 0);
}

/** Mean, standard deviation and extremes. */
export function statistics(array: NdArray): { mean: number; std: number; low: number; high: number } {
  const values = Float64Array.from(array.data);
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  const std = Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length);
  return { mean, std, low: Math.min(...values), high: Math.max(...values) };
}
