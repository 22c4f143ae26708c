import type { NdArray } from "../../../engine/array/index.ts";
import { batched, boundParams, type RunOptions, spec } from "../../../engine/runtime/index.ts";
import { filled, type Tensor } from "../../../engine/tensor/index.ts";
import type { Params, Values } from "../../../nn/index.ts";
import type { ChunkModel } from "../backbone.ts";
import type { MethodOf } from "../words.ts";
import { chunkError } from "./error.ts";
import type { ChunkMethod, ChunkRequest, ChunkSampler, ChunkSizes } from "./method.ts";
import { rowSizes } from "./velocity.ts";

/** What a backbone says when it is not told any x: zeros at t = 0. */
export function answerOf(model: ChunkModel, { event }: ChunkSizes) {
  return (params: Params, condition: Tensor): Tensor => {
    const batch = condition.shape[0]!;
    const x = filled([batch, ...event], 0, condition.dtype);
    return model.apply(params, x, filled([batch], 0, condition.dtype), condition);
  };
}

/** Regression: one evaluation of the network gives the chunk, the mean (or median) of those that were demonstrated. */
export function regressionMethod(
  { error = "squared" }: MethodOf<"regression">,
  model: ChunkModel,
  sizes: ChunkSizes,
): ChunkMethod {
  const answer = answerOf(model, sizes);
  return {
    name: "regression",
    noise: undefined,
    init: model.init,
    loss: (params, { x1, condition, valid }) => ({
      loss: chunkError({ answer: answer(params, condition), wanted: x1, valid }, error),
    }),
    open: (params, options) => oneEvaluation({ answer, params, conditionSize: sizes.conditionSize, options }),
    graph: (params, { condition }) => answer(params, condition),
  };
}

interface OneEvaluation {
  readonly answer: (params: Params, condition: Tensor) => Tensor;
  readonly params: Values<Params>;
  /** Of condition and noise together. */
  readonly conditionSize: number;
  readonly options: RunOptions;
}

/** A sampler that asks once; noise, where there is any, stands behind the condition. */
export function oneEvaluation({ answer, params, conditionSize, options }: OneEvaluation): ChunkSampler {
  const bound = boundParams<Params>(params as never);
  const run = batched<[Tensor], Tensor>(
    (told) => answer(bound, told),
    (batch) => [spec([batch, conditionSize])] as never,
    { ...options, sizes: rowSizes },
  );
  return {
    nfe: 1,
    sample: (request) => run(together(request)) as Promise<NdArray>,
    [Symbol.dispose]: () => run[Symbol.dispose](),
  };
}

function together({ condition, noise }: ChunkRequest): NdArray {
  if (!noise) return condition;
  const [rows, size] = condition.shape as [number, number];
  const extra = noise.shape[1]!;
  const data = new Float32Array(rows * (size + extra));
  for (let row = 0; row < rows; row++) {
    data.set(condition.data.subarray(row * size, (row + 1) * size) as Float32Array, row * (size + extra));
    data.set(
      noise.data.subarray(row * extra, (row + 1) * extra) as Float32Array,
      row * (size + extra) + size,
    );
  }
  return { shape: [rows, size + extra], dtype: "float32", data };
}
