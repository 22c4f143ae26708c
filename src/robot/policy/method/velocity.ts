import type { NdArray } from "../../../engine/array/index.ts";
import { batched, boundParams, type RunOptions, spec } from "../../../engine/runtime/index.ts";
import type { Tensor } from "../../../engine/tensor/index.ts";
import type { VelocityField } from "../../../flow/index.ts";
import type { Params, Values } from "../../../nn/index.ts";
import type { ChunkSizes, Walk } from "./method.ts";

export interface VelocityRequest {
  readonly params: Values<Params>;
  readonly velocity: (params: Params, condition: Tensor) => VelocityField;
  readonly sizes: ChunkSizes;
}

/** The velocity at any x, t and condition, compiled when it is first asked for. */
export function compiledVelocity(
  { params, velocity, sizes }: VelocityRequest,
  options: RunOptions,
): Disposable & { readonly at: Walk["velocity"] } {
  const bound = boundParams<Params>(params as never);
  const fn = (x: Tensor, t: Tensor, condition: Tensor) => velocity(bound, condition)(x, t);
  const signature = (batch: number) =>
    [spec([batch, ...sizes.event]), spec([batch]), spec([batch, sizes.conditionSize])] as never;
  const run = batched<[Tensor, Tensor, Tensor], Tensor>(fn, signature, { ...options, sizes: rowSizes });
  return {
    at: ({ x, t, condition }) => run(x, t, condition) as Promise<NdArray>,
    [Symbol.dispose]: () => run[Symbol.dispose](),
  };
}

/** Batches that are compiled for, each when it is first needed. */
export const rowSizes = [1, 4, 16, 64];
