import { type NdArray, takeRows } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import { type Key, permutation } from "../engine/random/index.ts";
import { type Mapped, mapTree, namedLeaves } from "../engine/tensor/index.ts";
import { check, count } from "./check.ts";

/**
 * Where batches come from. Batch 0, 1, 2, … is the same each time it is asked for with the same key, whatever was
 * asked for before: this is what makes a resumed run equal to one that never stopped. An `at` that returns promises
 * may work in a worker; `prefetched` asks it ahead of time.
 */
export interface Batches<Batch> {
  /** Samples in each batch. */
  readonly batchSize: number;
  /** Batch `index`, counted from 0, of the run with this key. */
  at(index: number, key: Key): Batch | Promise<Batch>;
}

/**
 * The rows of arrays that share their first axis, a tree of them or one, in batches. Every epoch goes through a
 * permutation of its own, by key.fold("epoch").fold(epoch); the rows that fill no batch are left out of that epoch.
 * Throws "shape" for arrays without rows or with different numbers of them, "option" for a batch larger than the data,
 * "numerical" for values that are not finite.
 */
export function arrayBatches<T>(
  data: T,
  options: { readonly batchSize: number },
): Batches<Mapped<T, NdArray>> {
  const { batchSize } = options;
  const rows = rowCount(data);
  checkBatchSize(batchSize, rows);
  for (const [path, array] of namedLeaves<NdArray>(data)) checkFinite(path, array);
  const perEpoch = Math.floor(rows / batchSize);
  const orderOf = remembered((key) => permutation(key, rows).data);
  return {
    batchSize,
    at(index, key) {
      const order = orderOf(key.fold("epoch").fold(Math.floor(index / perEpoch)));
      const start = (index % perEpoch) * batchSize;
      const chosen = order.subarray(start, start + batchSize);
      return mapTree(data, (array: NdArray) => takeRows(array, chosen));
    },
  };
}

/** What became of a batch on its way to the model: the batch, and a key of its own to draw with. */
export interface Arrival<Batch> {
  readonly batch: Batch;
  /** key.fold("step").fold(index) of the run's key. */
  readonly key: Key;
  readonly index: number;
}

/** Batches -> Batches: each one passed through `fn`, which pairs, augments, or arranges the arguments of a step. */
export function mapBatches<From, To>(
  batches: Batches<From>,
  fn: (arrival: Arrival<From>) => To | Promise<To>,
): Batches<To> {
  return {
    batchSize: batches.batchSize,
    at(index, key) {
      const pass = (batch: From) => fn({ batch, key: key.fold("step").fold(index), index });
      const batch = batches.at(index, key);
      return batch instanceof Promise ? batch.then(pass) : pass(batch);
    },
  };
}

/** `fn` with its last result kept: an epoch asks for one key many times. */
function remembered<R>(fn: (key: Key) => R): (key: Key) => R {
  let last: { readonly words: string; readonly result: R } | undefined;
  return (key) => {
    const words = key.words.join();
    if (last?.words !== words) last = { words, result: fn(key) };
    return last.result;
  };
}

function rowCount(data: unknown): number {
  const arrays = namedLeaves<NdArray>(data);
  const [first] = arrays.values();
  const rows = first?.shape[0] ?? 0;
  for (const [path, { shape }] of arrays) {
    if (rows > 0 && shape[0] === rows) continue;
    throw new AdvectError("shape", "arrayBatches", {
      expected: `arrays that share a first axis of at least 1${rows > 0 ? `, as the first has ${rows} rows` : ""}`,
      got: `${path || "an array"} of shape [${shape}]`,
      fix: "Give one row for each sample.",
    });
  }
  if (first) return rows;
  throw new AdvectError("shape", "arrayBatches", { expected: "at least one array", got: "none" });
}

function checkBatchSize(batchSize: number, rows: number): void {
  check("arrayBatches", count, { batchSize });
  if (batchSize <= rows) return;
  throw new AdvectError("option", "arrayBatches", {
    expected: `batchSize at most ${rows}, the rows of the data`,
    got: batchSize,
    fix: "Make the batch smaller, or repeat the data.",
  });
}

function checkFinite(path: string, { data, shape, dtype }: NdArray): void {
  if (dtype !== "float32" && dtype !== "float64") return;
  const at = (data as Float32Array).findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new AdvectError("numerical", "arrayBatches", {
    expected: "finite data",
    got: `${data[at]} in row ${Math.floor(at / (data.length / shape[0]!))}${path && ` of ${path}`}`,
    fix: "Remove that row, or replace its missing values.",
  });
}
