import { asType, type NdArray, permuteAxes } from "../engine/array/index.ts";
import type { Spec } from "../engine/runtime/index.ts";
import { ancestors, is, mapTree, type Tensor, transpose } from "../engine/tensor/index.ts";

/**
 * How one parameter lies in memory: with its axes permuted where every use of it would permute them anyway, as
 * convolutions do with kernels in PyTorch's layout. Optimisers work element by element and do not notice.
 */
export interface Storage extends Spec {
  /** Axis i of the stored array is axis permutation[i] of the parameter; undefined when stored as it is. */
  readonly permutation?: readonly number[];
}

/** The best storage of each parameter, given how the outputs use them. */
export function storages(params: unknown, outputs: readonly Tensor[]): unknown {
  const users = new Map<Tensor, Tensor[]>();
  for (const tensor of ancestors(outputs)) {
    for (const x of new Set(tensor.inputs)) users.set(x, [...(users.get(x) ?? []), tensor]);
  }
  return mapTree(params, (param: Tensor) => storageOf(param, users.get(param) ?? []));
}

function storageOf(param: Tensor, users: readonly Tensor[]): Storage {
  const { shape } = param;
  const [first] = users;
  if (!first || !is("transpose", first) || users.length > 1) return { shape, dtype: "float32" };
  const { permutation } = first.attributes;
  return { shape: first.shape, dtype: "float32", permutation };
}

/** The parameter as its users know it. */
export function unstored(stored: Tensor, { permutation }: Storage): Tensor {
  return permutation ? transpose(stored, inverse(permutation)) : stored;
}

/** The parameter as it lies in memory. */
export function stored(param: Tensor, { permutation }: Storage): Tensor {
  return permutation ? transpose(param, permutation) : param;
}

/** The same for numbers. */
export function unstoredArray(array: NdArray, { permutation }: Storage): NdArray<"float32"> {
  return permuted(array, permutation && inverse(permutation));
}

export function storedArray(array: NdArray, { permutation }: Storage): NdArray<"float32"> {
  return permuted(array, permutation);
}

function permuted(array: NdArray, permutation: readonly number[] | undefined): NdArray<"float32"> {
  const numbers = asType(array, "float32");
  return permutation ? permuteAxes(numbers, permutation) : numbers;
}

const inverse = (permutation: readonly number[]) => permutation.map((_, axis) => permutation.indexOf(axis));
