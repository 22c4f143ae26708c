import type { NdArray, Shape } from "../../../engine/array/index.ts";
import type { Key } from "../../../engine/random/index.ts";
import type { RunOptions } from "../../../engine/runtime/index.ts";
import type { Draw, Tensor } from "../../../engine/tensor/index.ts";
import type { Params, Values } from "../../../nn/index.ts";
import type { Objective } from "../../../train/index.ts";

/** Demonstrated chunks, normalised, and what was seen before each. */
export interface ChunkBatch {
  /** [batch, horizon, dimensions] */
  readonly x1: Tensor;
  /** [batch, conditionSize] */
  readonly condition: Tensor;
  /** The noise that goes with each, where a coupling chose it. */
  readonly x0?: Tensor;
  /** [batch, horizon]: 1 where the action was demonstrated, 0 where the episode had ended; all count unless given. */
  readonly valid?: Tensor;
}

/** A way from observations to chunks: what it learns, and how it draws. */
export interface ChunkMethod {
  readonly name: string;
  /** Of the noise that a chunk is made from; undefined where there is none. */
  readonly noise: Shape | undefined;
  init(key: Key): Values<Params>;
  loss(params: Params, batch: ChunkBatch, draw: Draw): Objective;
  /** Compiles what draws chunks; nothing is compiled before it is used. */
  open(params: Values<Params>, options: RunOptions): ChunkSampler;
  /** The same as one graph, for files. noise: [batch, ...noise]. */
  graph(
    params: Params,
    given: { readonly noise?: Tensor; readonly condition: Tensor; readonly draw: Draw },
  ): Tensor;
}

/** Rows of requests, drawn together. */
export interface ChunkRequest {
  /** [rows, ...noise] */
  readonly noise?: NdArray;
  /** [rows, conditionSize] */
  readonly condition: NdArray;
  /** One for each row, for noise that is drawn on the way. */
  readonly keys: readonly Key[];
}

export interface ChunkSampler extends Disposable {
  /** Evaluations of the network for a chunk. */
  readonly nfe: number;
  /** [rows, horizon, dimensions] */
  sample(request: ChunkRequest): Promise<NdArray>;
  /** Of methods that integrate a field from noise to chunks. */
  readonly walk?: Walk;
}

/** The way from noise to chunks, step by step. */
export interface Walk {
  /** Of `sample`. */
  readonly times: readonly number[];
  step(request: WalkStep): Promise<{ readonly x: NdArray; readonly endpoint: NdArray }>;
  /** At x [rows, horizon, dimensions] and t [rows]. */
  velocity(at: { readonly x: NdArray; readonly t: NdArray; readonly condition: NdArray }): Promise<NdArray>;
}

export interface WalkStep {
  readonly x: NdArray;
  readonly from: number;
  readonly to: number;
  /** Steps taken before this one. */
  readonly index: number;
  readonly condition: NdArray;
  readonly keys: readonly Key[];
}

/** What every method is built for. */
export interface ChunkSizes {
  readonly event: readonly [horizon: number, dimensions: number];
  readonly conditionSize: number;
}
