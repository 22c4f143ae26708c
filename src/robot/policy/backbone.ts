import type { Tensor } from "../../engine/tensor/index.ts";
import { type Condition, dit, type Model, type Params, residualMlp, unet1d } from "../../nn/index.ts";
import type { Backbone } from "./words.ts";

export interface BackboneSizes {
  /** Of a chunk: [horizon, dimensions]. */
  readonly event: readonly [horizon: number, dimensions: number];
  /** Of the vector that it is told. */
  readonly conditionSize: number;
}

/** A network for chunks: x [batch, horizon, dimensions], t [batch], condition [batch, conditionSize]. */
export type ChunkModel = Model<Params, Tensor>;

/** The network that the words describe. Throws "option", and "shape" where a U-Net cannot halve the horizon. */
export function backboneOf(words: Backbone, { event, conditionSize }: BackboneSizes): ChunkModel {
  const [horizon, dimensions] = event;
  return built(words, { horizon, dimensions, conditionSize }) as Model<Params, Condition> as ChunkModel;
}

interface Sizes {
  readonly horizon: number;
  readonly dimensions: number;
  readonly conditionSize: number;
}

function built({ kind, ...options }: Backbone, { horizon, dimensions, conditionSize }: Sizes) {
  if (kind === "unet1d") return unet1d({ ...options, size: dimensions, conditionSize });
  if (kind === "dit") return dit({ ...options, shape: [horizon, dimensions], conditionSize });
  return residualMlp({ ...options, size: horizon * dimensions, conditionSize });
}
