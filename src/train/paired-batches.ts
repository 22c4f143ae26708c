import type { NdArray } from "../engine/array/index.ts";
import { type Key, normal } from "../engine/random/index.ts";
import { type CouplingSpec, type WorkerCouplingOptions, workerCoupling } from "../flow/coupling/index.ts";
import { type PairedRows, paired } from "../flow/matching/index.ts";
import { type Batches, mapBatches } from "./batches.ts";
import { prefetched } from "./stream.ts";

/** A batch before it is paired. */
export interface UnpairedBatch<T = undefined> {
  readonly x1: NdArray;
  /** Standard normal from the batch's key.fold("x0") unless given. */
  readonly x0?: NdArray;
  /** Of x1, for couplings that read it; it follows x1. */
  readonly condition?: NdArray;
  /** A tree of arrays [batch, ...] that follow x1, such as labels. */
  readonly along?: T;
}

export interface PairedBatchesOptions extends WorkerCouplingOptions {
  readonly coupling: CouplingSpec;
  /** How many batches are paired before they are wanted; default 2. */
  readonly ahead?: number;
}

/**
 * Batches -> Batches: x0 and x1 in the pairs of a coupling, large batches paired in a worker while the ones before them
 * train. Which batch has which pairs depends on the run's key alone, not on workers, so that runs resume bit for bit.
 * Dispose it when training is over: the worker ends. Throws what `couplingOf` throws.
 */
export function pairedBatches<T = undefined>(
  batches: Batches<UnpairedBatch<T>>,
  { coupling, ahead = 2, ...options }: PairedBatchesOptions,
): Batches<PairedRows<T>> & Disposable {
  const worker = workerCoupling(coupling, options);
  const pairs = mapBatches(batches, ({ batch, key }) =>
    paired<T>(worker, { ...batch, x0: batch.x0 ?? noise(batch.x1, key), key: key.fold("coupling") }),
  );
  return { ...prefetched(pairs, { ahead }), [Symbol.dispose]: () => worker[Symbol.dispose]() };
}

const noise = ({ shape }: NdArray, key: Key) => normal(key.fold("x0"), shape);
