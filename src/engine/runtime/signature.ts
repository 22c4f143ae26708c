import type { NdArray, Shape } from "../array/index.ts";
import type { Key } from "../random/index.ts";
import { type Draw, type Mapped, mapTree, type Shaped, type TensorDType } from "../tensor/index.ts";
import { checkShape } from "../tensor/shape.ts";

/** The shape and dtype of an array that will be given later. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: TensorDType;
}

/** Stands in a signature for an argument of type Draw: the function declares its random inputs there, and callers give a Key. */
export const random: unique symbol = Symbol("random");

/** What a signature says about one argument. */
export type Signed<T> = T extends Draw ? typeof random : Mapped<T, Spec>;
export type Signature<Args extends readonly unknown[]> = { readonly [I in keyof Args]: Signed<Args[I]> };

/** What callers give for one argument. */
export type Given<T> = T extends Draw ? Key : Mapped<T, NdArray>;
export type GivenList<Args extends readonly unknown[]> = { readonly [I in keyof Args]: Given<Args[I]> };

/** Throws "shape" unless the lengths are whole numbers of at least 0. */
export function spec(shape: Shape, dtype: TensorDType = "float32"): Spec {
  checkShape("spec", shape);
  return { shape: [...shape], dtype };
}

/** The specs of a tree of arrays, such as parameters. */
export function specOf<T>(tree: T): Mapped<T, Spec> {
  return mapTree(tree, ({ shape, dtype }: Shaped) => spec(shape, dtype as TensorDType));
}
