import { type NdArray, ndarray, sizeOf, takeRows } from "../array/index.ts";
import { AdvectError } from "../error.ts";
import { leaves, type Mapped, mapTree, withLeaves } from "../tensor/index.ts";
import { type CompileOptions, compile } from "./compile.ts";
import { type GivenList, random, type Signature, type Spec } from "./signature.ts";

export interface BatchedOptions extends CompileOptions {
  /** Batch sizes to compile for, each when it is first needed. */
  readonly sizes: readonly number[];
  /** The most compiled sizes kept at once; the one unused longest goes. Default: all. */
  readonly capacity?: number;
}

/** A function of any batch size. Dispose it: it holds compiled functions. */
export interface Batched<Args extends readonly unknown[], R> extends Disposable {
  (...args: GivenList<Args>): Promise<Mapped<R, NdArray>>;
}

/**
 * `fn` for any batch size. `signature(batch)` describes the arguments at one size: leaves whose first length changes
 * with it are cut into pieces and padded with copies of the last row, the others are given whole. The batch must be the
 * first axis of every result, and rows must not influence each other.
 * Throws "option" for random arguments: give the noise as an array, so that it does not depend on the pieces.
 */
export function batched<Args extends readonly unknown[], R>(
  fn: (...args: Args) => R,
  signature: (batch: number) => Signature<Args>,
  options: BatchedOptions,
): Batched<Args, R> {
  const sizes = checkedSizes(options.sizes);
  const hasBatch = batchLeaves(signature(1), signature(2));
  const capacity = checkedCapacity(options.capacity ?? sizes.length);
  const compiled = bounded(capacity, (size) => compile(fn, signature(size), options));

  const call = async (...args: GivenList<Args>): Promise<Mapped<R, NdArray>> => {
    const count = batchSize(args, hasBatch);
    const results: Mapped<R, NdArray>[] = [];
    for (const piece of plan(count, sizes)) {
      const part = withLeaves(
        args,
        leaves<NdArray>(args).map((array, i) => (hasBatch[i] ? rows(array, piece) : array)),
      );
      const run = await compiled.at(piece.size);
      results.push(checkedRows(await run(...(part as unknown as GivenList<Args>)), piece));
    }
    return joined(results, count);
  };
  return Object.assign(call, { [Symbol.dispose]: compiled.dispose });
}

function checkedSizes(sizes: readonly number[]): number[] {
  if (sizes.length > 0 && sizes.every((size) => Number.isSafeInteger(size) && size > 0))
    return [...sizes].sort((a, b) => a - b);
  throw new AdvectError("option", "batched", {
    expected: "at least one batch size, all whole numbers > 0",
    got: sizes,
  });
}

function checkedCapacity(capacity: number): number {
  if (Number.isSafeInteger(capacity) && capacity > 0) return capacity;
  throw new AdvectError("option", "batched", { expected: "a capacity of at least 1", got: capacity });
}

/** For each leaf of the arguments, whether its first length is the batch. */
function batchLeaves(one: readonly unknown[], two: readonly unknown[]): boolean[] {
  if (one.includes(random)) {
    throw new AdvectError("option", "batched", {
      expected: "a signature without random arguments",
      got: "one",
      fix: "Draw the noise outside and pass it as an argument.",
    });
  }
  const larger = leaves<Spec>(two);
  const changes = leaves<Spec>(one).map(({ shape }, i) => shape[0] !== larger[i]!.shape[0]);
  if (changes.includes(true)) return changes;
  throw new AdvectError("option", "batched", {
    expected: "a signature that depends on the batch",
    got: "the same for 1 and 2",
  });
}

function batchSize(args: readonly unknown[], hasBatch: readonly boolean[]): number {
  const counts = leaves<NdArray>(args).flatMap(({ shape }, i) => (hasBatch[i] ? [shape[0]!] : []));
  if (new Set(counts).size === 1 && counts[0]! > 0) return counts[0]!;
  throw new AdvectError("shape", "batched function", {
    expected: "one batch size > 0 in all arguments",
    got: counts,
  });
}

interface Piece {
  readonly start: number;
  /** Rows that are there. */
  readonly length: number;
  /** Rows after padding: one of the compiled sizes. */
  readonly size: number;
}

/** Pieces of the largest size, and the smallest that holds the rest. */
function plan(count: number, sizes: readonly number[]): Piece[] {
  const largest = sizes.at(-1)!;
  return Array.from({ length: Math.ceil(count / largest) }, (_, i) => {
    const length = Math.min(largest, count - i * largest);
    return { start: i * largest, length, size: sizes.find((size) => size >= length)! };
  });
}

function rows(array: NdArray, { start, length, size }: Piece): NdArray {
  if (length === size) {
    const width = sizeOf(array.shape.slice(1));
    return ndarray(
      array.data.subarray(start * width, (start + size) * width) as Float32Array,
      [size, ...array.shape.slice(1)],
      array.dtype as "float32",
    );
  }
  return takeRows(
    array,
    Int32Array.from({ length: size }, (_, i) => start + Math.min(i, length - 1)),
  );
}

/** The result, if its leaves have a row for each row of the piece. */
function checkedRows<T>(result: T, { size }: Piece): T {
  const wrong = leaves<NdArray>(result).find(({ shape }) => shape[0] !== size);
  if (!wrong) return result;
  throw new AdvectError("shape", "batched function", {
    expected: `results whose first axis is the batch, ${size} here`,
    got: wrong.shape,
    fix: "Use compile for functions that mix their rows.",
  });
}

/** The pieces' results under each other, without the padding. */
function joined<R>(pieces: readonly Mapped<R, NdArray>[], count: number): Mapped<R, NdArray> {
  const columns = pieces.map((piece) => leaves<NdArray>(piece));
  const [first] = pieces as [Mapped<R, NdArray>];
  let column = 0;
  return mapTree(first, (leaf: NdArray) => {
    const parts = columns.map((arrays) => arrays[column]!);
    column++;
    return stacked(parts, [count, ...leaf.shape.slice(1)]);
  }) as Mapped<R, NdArray>;
}

function stacked(parts: readonly NdArray[], shape: readonly number[]): NdArray {
  const [first] = parts as [NdArray];
  if (parts.length === 1)
    return { ...first, shape, data: first.data.subarray(0, sizeOf(shape)) as Float32Array } as NdArray;
  const data = new (first.data.constructor as Float32ArrayConstructor)(sizeOf(shape));
  let filled = 0;
  for (const part of parts) {
    const own = part.data.subarray(0, data.length - filled);
    data.set(own, filled);
    filled += own.length;
  }
  return ndarray(data, shape, first.dtype as "float32");
}

interface Bounded<T> {
  at(size: number): Promise<T>;
  dispose(): void;
}

/** Values made on demand, of which at most `capacity` are kept. */
function bounded<T extends Disposable>(capacity: number, make: (size: number) => Promise<T>): Bounded<T> {
  const kept = new Map<number, Promise<T>>();
  let open = true;
  const drop = (size: number) => {
    const dispose = (value: T) => value[Symbol.dispose]();
    void kept.get(size)?.then(dispose, () => undefined);
    kept.delete(size);
  };
  return {
    at: (size) => {
      if (!open) throw disposed();
      const value = kept.get(size) ?? make(size);
      kept.delete(size);
      kept.set(size, value);
      if (kept.size > capacity) drop(kept.keys().next().value!);
      return value;
    },
    dispose: () => {
      open = false;
      [...kept.keys()].forEach(drop);
    },
  };
}

function disposed(): AdvectError {
  return new AdvectError("option", "batched function", {
    expected: "a function in use",
    got: "one that was disposed",
  });
}
