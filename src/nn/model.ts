import type { NdArray } from "../engine/array/index.ts";
import type { Key } from "../engine/random/index.ts";
import type { Draw, Tensor } from "../engine/tensor/index.ts";

/** A tree of parameters. Names and layouts are PyTorch's: the paths of `namedLeaves` are those of a state_dict. */
export type Params = { readonly [name: string]: Params | Tensor };

/** The numbers of such a tree. */
export type Values<P> = P extends Tensor ? NdArray : { readonly [K in keyof P]: Values<P[K]> };

/** A function of tensors with parameters: `init` draws their first values, every one from a key folded by its name. */
export interface Layer<P extends Params, Rest extends readonly unknown[] = []> {
  init(key: Key): Values<P>;
  apply(params: P, x: Tensor, ...rest: Rest): Tensor;
}

/**
 * A network for a velocity, or whatever else has the shape of x. x: [batch, ...shape]; t: [batch] in [0, 1].
 * Without `draw`, dropout is the identity.
 */
export interface Model<P extends Params, C = void> {
  readonly name: string;
  init(key: Key): Values<P>;
  apply(params: P, x: Tensor, t: Tensor, condition: C, draw?: Draw): Tensor;
}
