import { AdvectError } from "../engine/error.ts";
import type { Key } from "../engine/random/index.ts";
import type { Batches } from "./batches.ts";
import { check, count, index as indexCondition } from "./check.ts";

/** Where a stream is to begin. */
export interface StreamStart {
  /** The first batch that it gives, counted from 0: a resumed run does not ask for those before. */
  readonly start: number;
  /** Of the run; shuffle with its children. */
  readonly key: Key;
}

/** A stream of batches from `start` on, such as an async generator. The same start gives the same batches. */
export type OpenStream<Batch> = (from: StreamStart) => AsyncIterable<Batch> | Iterable<Batch>;

/**
 * A stream as Batches: opened when the first batch is asked for, read on while batches are asked for in order, and
 * opened again where they are not. A stream that ends is a "format" error of the batch that is missing.
 */
export function streamBatches<Batch>(
  open: OpenStream<Batch>,
  options: { readonly batchSize: number },
): Batches<Batch> {
  check("streamBatches", count, options);
  let reader: { readonly next: () => Promise<Batch>; readonly words: string; position: number } | undefined;
  return {
    batchSize: options.batchSize,
    at(index, key) {
      const words = key.words.join();
      if (reader?.position !== index || reader.words !== words) {
        reader = { next: readerOf(open({ start: index, key }), index), words, position: index };
      }
      reader.position++;
      return reader.next();
    },
  };
}

/** Reads one batch a call; calls that do not wait for each other get batches in order. */
function readerOf<Batch>(
  stream: AsyncIterable<Batch> | Iterable<Batch>,
  start: number,
): () => Promise<Batch> {
  const iterator =
    Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]();
  let index = start;
  let last: Promise<unknown> = Promise.resolve();
  const read = async (at: number): Promise<Batch> => {
    const { done, value } = await iterator.next();
    if (!done) return value;
    throw new AdvectError("format", "streamBatches", {
      expected: `a stream with batch ${at}`,
      got: `one that ends after ${at} batches`,
      fix: "Let it begin again at its end, or train for fewer steps.",
    });
  };
  return () => {
    const at = index++;
    const result = last.then(() => read(at));
    last = result.catch(() => {}); // whoever asked for it is told
    return result;
  };
}

/**
 * Batches -> Batches: while a batch is used, the next `ahead` are already asked for, so that what `at` does elsewhere
 * (a worker, a disk, the network) overlaps with training. The batches are the same.
 */
export function prefetched<Batch>(
  batches: Batches<Batch>,
  options: { readonly ahead: number },
): Batches<Batch> {
  check("prefetched", indexCondition, options);
  const pending = new Map<string, Promise<Batch>>();
  const ask = (index: number, key: Key): Promise<Batch> => {
    const name = `${index} ${key.words}`;
    const known = pending.get(name);
    if (known) return known;
    const asked = (async () => batches.at(index, key))();
    asked.catch(() => {}); // reported when its turn comes
    pending.set(name, asked);
    return asked;
  };
  return {
    batchSize: batches.batchSize,
    at(index, key) {
      const wanted = Array.from({ length: options.ahead + 1 }, (_, i) => ask(index + i, key));
      const names = new Set(wanted.map((_, i) => `${index + i} ${key.words}`));
      for (const name of pending.keys()) if (!names.has(name)) pending.delete(name);
      pending.delete(`${index} ${key.words}`);
      return wanted[0]!;
    },
  };
}
