import { ndarray } from "../../src/engine/array/index.ts";
import { key, normal } from "../../src/engine/random/index.ts";
import { random, spec } from "../../src/engine/runtime/index.ts";
import type { Draw, Tensor } from "../../src/engine/tensor/index.ts";
import {
  arrayBatches,
  mapBatches,
  type Trainer,
  type TrainerRequest,
  trainer,
} from "../../src/train/index.ts";
import { firstParams, type Net, netLoss } from "./regression.ts";

export type Args = [x: Tensor, y: Tensor, draw: Draw];

/** Thirty rows of which eight make a batch, for a loss with noise: every kind of randomness that a run has. */
export const data = { x: normal(key("x"), [30, 3]), y: normal(key("y"), [30, 2]) };
export const run = key("run");

const arguments_ = (rows: typeof data) =>
  mapBatches(arrayBatches(rows, { batchSize: 8 }), ({ batch: { x, y }, key: own }) => [x, y, own] as const);

export const batches = arguments_(data);
export const heldOut = arguments_({ x: normal(key("x2"), [16, 3]), y: normal(key("y2"), [16, 2]) });

const loss = (params: Net, x: Tensor, y: Tensor, draw: Draw) => {
  const noisy = netLoss(params, x.add(draw.normal("noise", [8, 3]).mul(0.1)), y);
  return { loss: noisy, metrics: { twice: noisy.mul(2) } };
};

export function netTrainer(options: Partial<TrainerRequest<Net, Args>> = {}): Promise<Trainer<Net, Args>> {
  return trainer<Net, Args>({
    params: firstParams,
    loss,
    signature: [spec([8, 3]), spec([8, 2]), random],
    learningRate: (step) => 1e-3 * (1 + step / 10),
    ema: 0.9,
    clipNorm: 1,
    ...options,
  });
}

/** The data with one value that is not a number; arrayBatches would refuse it, a stream does not look. */
export const broken = ndarray(new Float32Array(24).fill(Number.NaN), [8, 3]);
