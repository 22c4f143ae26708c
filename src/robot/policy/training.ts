import { type NdArray, takeRows } from "../../engine/array/index.ts";
import type { Key } from "../../engine/random/index.ts";
import { type GivenList, type RunOptions, random, type Signature, spec } from "../../engine/runtime/index.ts";
import { add, type Draw, type Mapped, mapTree, mul } from "../../engine/tensor/index.ts";
import type { CouplingSpec } from "../../flow/index.ts";
import type { Params, Values } from "../../nn/index.ts";
import {
  arrayBatches,
  type Batches,
  type Config,
  mapBatches,
  pairedBatches,
  type Trainer,
  type TrainerRequest,
  trainer,
} from "../../train/index.ts";
import { type ChunkRows, withClip } from "./chunk-rows.ts";
import { conditionSize, type PolicyDesign } from "./design.ts";
import { type ChunkBatch, methodOf } from "./method/index.ts";
import type { PolicyModel } from "./neural-policy.ts";
import { type Scalings, scalingsToArrays } from "./scaling.ts";
import type { PolicyConfig } from "./store.ts";

type Arguments = readonly [ChunkBatch, Draw];
type BatchArrays = Mapped<ChunkBatch, NdArray>;
type Feed = Batches<GivenList<Arguments>>;

export interface PolicyTrainingRequest
  extends RunOptions,
    Pick<
      TrainerRequest<Params, Arguments>,
      "learningRate" | "optimizer" | "clipNorm" | "ema" | "microBatches"
    > {
  readonly design: PolicyDesign;
  readonly scalings: Scalings;
  /** Of `chunkRows`, with these scalings. */
  readonly rows: ChunkRows;
  /** Rows in a step. */
  readonly batchSize: number;
  /** Of the first parameters. */
  readonly key: Key;
  /** Leaves actions out of the loss that were not demonstrated, since the episode had ended. Default false: the last action holds. */
  readonly maskPadding?: boolean;
  /** Deviation of noise that is added to what the network is told, in its numbers, while it learns. Default 0. */
  readonly observationNoise?: number;
  /** Which noise goes with which chunk, for flow and diffusion; independent unless given. */
  readonly coupling?: CouplingSpec;
}

/** A policy while it learns: `fit({ trainer, batches, … })` trains it. Dispose it. */
export interface PolicyTraining extends Disposable {
  readonly trainer: Trainer<Params, Arguments>;
  readonly batches: Feed;
  /** As given, with what was decided by the data. */
  readonly design: PolicyDesign;
  /** For the checkpoints: with it `loadPolicy` opens them. */
  readonly config: PolicyConfig & Config;
  readonly stats: Record<string, NdArray<"float32">>;
  /** Batches of other rows, such as those kept from training. */
  feed(rows: ChunkRows): Feed;
  /** What it has learned so far: the moving average where one is kept. */
  model(): PolicyModel;
}

/** Builds the step that trains a policy. Throws "option", "shape" for a design or rows that do not fit. */
export async function policyTraining(request: PolicyTrainingRequest): Promise<PolicyTraining> {
  const {
    rows,
    scalings,
    batchSize,
    key,
    maskPadding = false,
    coupling,
    observationNoise = 0,
    ...others
  } = request;
  const { design: given, ...options } = others;
  const design = withClip(given, rows);
  const method = methodOf(design);
  const paired = coupling !== undefined && coupling.kind !== "independent" && isIntegrated(design);
  const built = await trainer<Params, Arguments>({
    ...options,
    params: method.init(key) as never,
    loss: (params, batch, draw) => method.loss(params, disturbed(batch, observationNoise, draw), draw),
    signature: signatureOf(design, { batchSize, maskPadding, paired }),
  });
  const worker = paired ? pairing(coupling) : undefined;
  const feed = (from: ChunkRows): Feed => {
    const { valid, ...always } = from;
    const arrays = maskPadding ? { ...always, valid } : always;
    const batches = batchesOf(arrays, batchSize) as Batches<BatchArrays>;
    return worker
      ? worker.feed(batches)
      : mapBatches(batches, ({ batch, key: own }) => [batch, own] as const);
  };
  return {
    trainer: built,
    batches: feed(rows),
    design,
    config: { policy: design, averaged: request.ema !== undefined },
    stats: scalingsToArrays(scalings),
    feed,
    model() {
      const { params, ema } = built.snapshot();
      const values = (request.ema === undefined ? params : ema) as Values<Params>;
      return { design, scalings, params: values };
    },
    [Symbol.dispose]() {
      worker?.[Symbol.dispose]();
      built[Symbol.dispose]();
    },
  };
}

function disturbed(batch: ChunkBatch, deviation: number, draw: Draw): ChunkBatch {
  if (deviation === 0) return batch;
  const { condition } = batch;
  const noise = draw.normal("observation noise", condition.shape);
  return { ...batch, condition: add(condition, mul(noise, deviation)) };
}

const isIntegrated = ({ method }: PolicyDesign) => method.kind === "flow" || method.kind === "diffusion";

interface BatchForm {
  readonly batchSize: number;
  readonly maskPadding: boolean;
  readonly paired: boolean;
}

function signatureOf(
  { spec: own }: PolicyDesign,
  { batchSize, maskPadding, paired }: BatchForm,
): Signature<Arguments> {
  const chunk = spec([batchSize, own.horizon, own.action.length]);
  const batch = {
    x1: chunk,
    condition: spec([batchSize, conditionSize(own)]),
    ...(paired && { x0: chunk }),
    ...(maskPadding && { valid: spec([batchSize, own.horizon]) }),
  };
  return [batch, random] as unknown as Signature<Arguments>;
}

/** Epochs of shuffled rows; data smaller than a batch are gone through again and again. */
function batchesOf(arrays: object, batchSize: number): Batches<unknown> {
  const [first] = Object.values(arrays) as [NdArray];
  const count = first.shape[0]!;
  if (count >= batchSize) return arrayBatches(arrays, { batchSize });
  const all = Int32Array.from({ length: count * Math.ceil(batchSize / count) }, (_, i) => i % count);
  return arrayBatches(
    mapTree(arrays, (array: NdArray) => takeRows(array, all)),
    { batchSize },
  );
}

function pairing(coupling: CouplingSpec): Disposable & { feed(batches: Batches<BatchArrays>): Feed } {
  const open: Disposable[] = [];
  return {
    feed(batches) {
      const unpaired = mapBatches(batches, ({ batch: { x1, ...along } }) => ({
        x1,
        along,
        condition: along.condition,
      }));
      const pairs = pairedBatches(unpaired as never, { coupling });
      open.push(pairs);
      return mapBatches(pairs, ({ batch: { x0, x1, along }, key }) => {
        return [{ x0, x1, ...(along as unknown as Omit<BatchArrays, "x1">) }, key] as const;
      });
    },
    [Symbol.dispose]() {
      for (const pairs of open) pairs[Symbol.dispose]();
    },
  };
}
