import type { NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { Worker, type WorkerCalls, workerCalls } from "../../engine/platform/index.ts";
import type { Batch, Pairing } from "./coupling.ts";
import { type CouplingSpec, couplingOf, type PairingJob } from "./job.ts";

export interface WorkerCouplingOptions {
  /** Batches of fewer rows are paired in this thread; default 128, where pairing costs more than sending. */
  readonly fromRows?: number;
  /** Told once when the worker is lost and pairing goes on in this thread; default console.warn. */
  readonly warn?: (message: string) => void;
}

/** A coupling that answers later. Dispose it to end its thread; one that waits for nothing keeps no process alive. */
export interface WorkerCoupling extends Disposable {
  readonly name: string;
  /** The pairs of `couplingOf(spec).pair(batch)`, bit for bit, and its errors. Rejects with the signal's reason when that aborts. */
  pair(batch: Batch & { readonly signal?: AbortSignal }): Promise<Pairing>;
}

/**
 * Pairs in a worker, so that the thread that trains does not wait: ask for batches ahead (`pairedBatches`). The worker
 * starts with the first batch that is large enough; where it cannot, or dies, this thread does the work, which changes
 * no pair. Throws what `couplingOf` throws.
 */
export function workerCoupling(
  spec: CouplingSpec,
  { fromRows = 128, warn = console.warn }: WorkerCouplingOptions = {},
): WorkerCoupling {
  const local = couplingOf(spec);
  let calls: WorkerCalls<PairingJob, Pairing> | undefined;
  let state: "working" | "alone" | "disposed" = "working";
  const pays = ({ x1 }: Batch) => spec.kind !== "independent" && (x1.shape[0] ?? 0) >= fromRows;

  const inWorker = async (batch: Batch, signal: AbortSignal | undefined): Promise<Pairing> => {
    calls ??= workerCalls(start());
    try {
      return await calls.call(jobOf(spec, batch), { signal });
    } catch (error) {
      if (!calls.lost || state === "disposed" || signal?.aborted) throw error;
      if (state === "working") warn(`Batches are paired without a worker from here on. ${textOf(error)}`);
      state = "alone";
      return local.pair(batch);
    }
  };

  return {
    name: local.name,
    async pair({ signal, ...batch }) {
      signal?.throwIfAborted();
      if (state === "disposed") throw disposed();
      return state === "working" && pays(batch) ? inWorker(batch, signal) : local.pair(batch);
    },
    [Symbol.dispose]() {
      state = "disposed";
      calls?.[Symbol.dispose]();
    },
  };
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : `${error}`);

function disposed(): AdvectError {
  return new AdvectError("option", "workerCoupling", {
    expected: "a coupling in use",
    got: "one that was disposed",
    fix: "Dispose it when the last batch has come.",
  });
}

const start = () => new Worker(new URL("./pairing-worker.js", import.meta.url), { type: "module" });

function jobOf(coupling: CouplingSpec, { x0, x1, condition, key }: Batch): PairingJob {
  const job = { coupling, x0: compact(x0), x1: compact(x1), keyWords: [...key.words] };
  return condition ? { ...job, condition: compact(condition) } : job;
}

/** The array alone: a view would be sent with the whole buffer under it. */
function compact(array: NdArray): NdArray {
  const { data, shape, dtype } = array;
  const alone = data.byteLength === data.buffer.byteLength;
  return { shape, dtype, data: alone ? data : data.slice() } as NdArray;
}
