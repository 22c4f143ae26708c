import type { DType, NdArray, NumberDType, Shape } from "../array/nd-array.ts";

/** Types a symbolic tensor may have. Integers and booleans carry no gradient. */
export type TensorDType = Extract<NumberDType, "float32" | "float64" | "int32" | "bool">;

export interface TensorType {
  readonly shape: Shape;
  readonly dtype: TensorDType;
}

/** How the caller's key fills a declared random input. */
export type Distribution = "normal" | "uniform" | "rademacher";

/** Geometry of the three convolution primitives; one entry per spatial axis. */
export interface Window {
  readonly stride: readonly number[];
  readonly padding: readonly (readonly [before: number, after: number])[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

/** A model from elsewhere, to be inlined when the graph is emitted. */
export interface ForeignModel {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly inputs: readonly string[];
  readonly outputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly dtype: DType;
  }[];
}

type None = Readonly<Record<never, never>>;

/**
 * Every primitive operation and its attributes. All others are written in these,
 * and so are the gradient rules, which is why derivatives of derivatives work.
 * Shapes are static; reductions keep the reduced axes with length 1.
 */
export interface Primitives {
  input: { readonly name: string; readonly distribution: Distribution | null };
  /** `value` may be of another dtype than the tensor; the tensor's is meant */
  constant: { readonly value: NdArray };

  neg: None;
  exp: None;
  log: None;
  sqrt: None;
  recip: None;
  abs: None;
  sign: None;
  floor: None;
  sin: None;
  cos: None;
  tanh: None;
  sigmoid: None;
  silu: None;
  mish: None;
  relu: None;
  softplus: None;
  erf: None;
  not: None;

  add: None;
  sub: None;
  mul: None;
  div: None;
  pow: None;
  max: None;
  min: None;
  less: None;
  lessEqual: None;
  equal: None;
  and: None;
  or: None;
  /** inputs: condition (bool), then, otherwise */
  where: None;
  cast: None;
  /** The identity, with derivative zero. */
  stop: None;
  /** The identity, which simplification does not see through. */
  opaque: None;

  sum: { readonly axes: readonly number[] };
  reduceMax: { readonly axes: readonly number[] };
  argMax: { readonly axis: number };
  /** along the last axis */
  softmax: None;
  cumsum: { readonly axis: number; readonly exclusive: boolean; readonly reverse: boolean };

  reshape: None;
  transpose: { readonly permutation: readonly number[] };
  concat: { readonly axis: number };
  /** start + i * step for i in [0, shape[axis]), for every axis; steps are positive */
  slice: { readonly starts: readonly number[]; readonly steps: readonly number[] };
  /** zeros before, after, and `interior` zeros between neighbours, for every axis; counts are not negative */
  pad: {
    readonly before: readonly number[];
    readonly after: readonly number[];
    readonly interior: readonly number[];
  };
  expand: None;
  flip: { readonly axes: readonly number[] };
  /** inputs: x, indices (int32 of any rank, which replaces `axis`) */
  gather: { readonly axis: number };
  /** inputs: indices, updates; the adjoint of gather: zeros of the output shape, plus every update at its index */
  scatterAdd: { readonly axis: number };

  /** [..., m, k] by [..., k, n] with equal batch axes; the flags transpose the last two axes first */
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean };

  /** x [N, ...S, C], w [O, ...K, C / groups] -> [N, ...S', O] */
  conv: Window;
  /** The adjoint of conv in x: g [N, ...S', O], w -> [N, ...S, C] */
  convTranspose: Window;
  /** The adjoint of conv in w: x, g -> [O, ...K, C / groups] */
  convWeight: Window;

  /** (x - mean) * rstd over `axes` */
  normalize: { readonly axes: readonly number[]; readonly epsilon: number };
  /** 1 / sqrt(variance + epsilon) over `axes`, which are kept with length 1 */
  rstd: { readonly axes: readonly number[]; readonly epsilon: number };

  /** Output number `output` of a foreign model. */
  call: { readonly model: ForeignModel; readonly output: number };
}

export type OpName = keyof Primitives;
