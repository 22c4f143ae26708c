import { type NdArray, ndarray, zeros } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { Key } from "../../engine/random/index.ts";
import {
  add,
  constant,
  matmul,
  mul,
  reshape,
  slice,
  softmax,
  type Tensor,
  transpose,
  where,
} from "../../engine/tensor/index.ts";
import { checkCounts, checkDivides, checkLength } from "../check.ts";
import { xavierUniform } from "../initial.ts";
import type { Layer } from "../model.ts";
import { type AffineParams, affine, linear } from "./linear.ts";

/** Low enough to vanish in the softmax, finite so that a row without any allowed place is uniform and not NaN. */
const forbidden = -1e9;

export interface AttentionRequest {
  /** [..., queries, headSize] */
  readonly query: Tensor;
  /** [..., places, headSize] */
  readonly key: Tensor;
  /** [..., places, valueSize] */
  readonly value: Tensor;
  /** Broadcast to [..., queries, places]: bool, true where attention is allowed, or numbers added to the scores. */
  readonly mask?: Tensor | undefined;
  /** 1 / sqrt(headSize) unless given */
  readonly scale?: number;
}

/** softmax(scale Q Kᵀ + mask) V [vaswani2017, Eq. 1] -> [..., queries, valueSize] */
export function scaledDotProductAttention({ query, key, value, mask, scale }: AttentionRequest): Tensor {
  const factor = scale ?? 1 / Math.sqrt(query.shape.at(-1)!);
  const scores = matmul(mul(query, factor), key, { transposeB: true });
  return matmul(softmax(mask ? masked(scores, mask) : scores), value);
}

function masked(scores: Tensor, mask: Tensor): Tensor {
  return mask.dtype === "bool" ? where(mask, scores, forbidden) : add(scores, mask);
}

/** The bool mask [length, length] that lets place i see places j <= i. */
export function causalMask(length: number): Tensor {
  const allowed = Uint8Array.from({ length: length * length }, (_, at) =>
    at % length <= Math.floor(at / length) ? 1 : 0,
  );
  return constant(ndarray(allowed, [length, length], "bool"));
}

/**
 * The names of PyTorch's MultiheadAttention: one in_proj_weight [3 inner, size] (queries, keys, values) when the context
 * is as wide as x, else three; inner = heads * headSize.
 */
export type AttentionParams = {
  readonly in_proj_weight?: Tensor;
  readonly q_proj_weight?: Tensor;
  readonly k_proj_weight?: Tensor;
  readonly v_proj_weight?: Tensor;
  readonly in_proj_bias?: Tensor;
  readonly out_proj: AffineParams;
};

export interface MultiHeadAttentionOptions {
  /** Of each token of x, and of the result. */
  readonly size: number;
  readonly heads: number;
  /** size / heads unless given */
  readonly headSize?: number;
  /** Of each token of the context; `size` unless given. */
  readonly contextSize?: number;
  /** true unless given */
  readonly bias?: boolean;
}

export interface Attended {
  /** What keys and values come from, [batch, places, contextSize]; x itself unless given. */
  readonly context?: Tensor;
  /** As for scaledDotProductAttention, over [batch, heads, queries, places]. */
  readonly mask?: Tensor;
}

/** Attention in `heads` subspaces [vaswani2017, 3.2.2]: x [batch, queries, size] -> the same shape. */
export function multiHeadAttention(
  options: MultiHeadAttentionOptions,
): Layer<AttentionParams, [attended?: Attended]> {
  const widths = widthsOf(options);
  const { size, inner, contextSize, bias } = widths;
  const out = linear({ inputs: inner, outputs: size, bias });
  return {
    init(key) {
      const { weight } = out.init(key.fold("out_proj"));
      return {
        ...projections(key, widths),
        ...(bias && { in_proj_bias: zeros([3 * inner]) }),
        out_proj: bias ? { weight, bias: zeros([size]) } : { weight },
      };
    },
    apply(params, x, { context, mask } = {}) {
      checkLength("multiHeadAttention", x, { axis: -1, length: size });
      if (context) checkLength("multiHeadAttention (context)", context, { axis: -1, length: contextSize });
      const [query, key, value] = projected(params, { x, context, ...widths });
      const mixed = scaledDotProductAttention({ query, key, value, mask });
      return out.apply(params.out_proj, joinHeads(mixed));
    },
  };
}

interface Widths {
  readonly size: number;
  readonly heads: number;
  readonly inner: number;
  readonly contextSize: number;
  readonly bias: boolean;
}

function widthsOf(options: MultiHeadAttentionOptions): Widths {
  const { size, heads, contextSize = size, bias = true } = options;
  checkCounts("multiHeadAttention", { size, heads, contextSize });
  if (options.headSize === undefined) {
    checkDivides("multiHeadAttention", { whole: ["size", size], part: ["heads", heads] });
  }
  const headSize = options.headSize ?? size / heads;
  checkCounts("multiHeadAttention", { headSize });
  return { size, heads, inner: heads * headSize, contextSize, bias };
}

function projections(key: Key, { size, inner, contextSize }: Widths): Readonly<Record<string, NdArray>> {
  const draw = (name: string, shape: readonly [number, number]) => xavierUniform(key.fold(name), shape);
  if (size === contextSize) return { in_proj_weight: draw("in_proj_weight", [3 * inner, size]) };
  return {
    q_proj_weight: draw("q_proj_weight", [inner, size]),
    k_proj_weight: draw("k_proj_weight", [inner, contextSize]),
    v_proj_weight: draw("v_proj_weight", [inner, contextSize]),
  };
}

interface Projected extends Widths {
  readonly x: Tensor;
  readonly context: Tensor | undefined;
}

/** Queries, keys and values, each [batch, heads, places, headSize]; as few products as the inputs allow. */
function projected(params: AttentionParams, at: Projected): [Tensor, Tensor, Tensor] {
  const { x, context, heads, inner, size } = at;
  const part = (from: number, to: number): AffineParams =>
    rows(params, { start: from * inner, stop: to * inner });
  if (!context && params.in_proj_weight) {
    return splitHeads(affine(part(0, 3), x), { heads, parts: 3 }) as [Tensor, Tensor, Tensor];
  }
  const source = context ?? x;
  if (params.in_proj_weight) {
    const [query] = splitHeads(affine(part(0, 1), x), { heads, parts: 1 }) as [Tensor];
    const [key, value] = splitHeads(affine(part(1, 3), source), { heads, parts: 2 }) as [Tensor, Tensor];
    return [query, key, value];
  }
  if (!context) {
    throw new AdvectError("option", "multiHeadAttention", {
      expected: `a context, whose tokens have another size than x (${size})`,
      got: "none",
    });
  }
  const { q_proj_weight: q, k_proj_weight: k, v_proj_weight: v } = params;
  const single = (weight: Tensor, index: number, from: Tensor) =>
    splitHeads(affine({ ...part(index, index + 1), weight }, from), { heads, parts: 1 })[0]!;
  return [single(q!, 0, x), single(k!, 1, source), single(v!, 2, source)];
}

/** The given rows of the joint projection. */
function rows(params: AttentionParams, range: { start: number; stop: number }): AffineParams {
  const { in_proj_weight: weight, in_proj_bias: bias } = params;
  const cut = (x: Tensor) => slice(x, { axis: 0, ...range });
  return { ...(weight && { weight: cut(weight) }), ...(bias && { bias: cut(bias) }) } as AffineParams;
}

/** [batch, places, parts * heads * headSize] -> `parts` tensors [batch, heads, places, headSize], by one transposition. */
function splitHeads(x: Tensor, { heads, parts }: { heads: number; parts: number }): Tensor[] {
  const [batch, places, width] = x.shape as [number, number, number];
  const headSize = width / (parts * heads);
  const apart = transpose(reshape(x, [batch, places, parts, heads, headSize]), [2, 0, 3, 1, 4]);
  return Array.from({ length: parts }, (_, i) =>
    reshape(slice(apart, { axis: 0, start: i, stop: i + 1 }), [batch, heads, places, headSize]),
  );
}

/** [batch, heads, places, headSize] -> [batch, places, heads * headSize] */
function joinHeads(x: Tensor): Tensor {
  const [batch, heads, places, headSize] = x.shape as [number, number, number, number];
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, places, heads * headSize]);
}
