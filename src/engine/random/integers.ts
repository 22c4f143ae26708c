import { type NdArray, ndarray, type Shape, zeros } from "../array/index.ts";
import { AdvectError } from "../error.ts";
import { fillWords } from "./kernel.ts";
import type { Key } from "./key.ts";

export interface IntegersOptions {
  /** Included; 0 unless given. */
  readonly low?: number;
  /** Excluded. */
  readonly high: number;
}

/** Integers uniform in [low, high), every one exactly equally likely. Throws "shape", "option". */
export function integers(key: Key, shape: Shape, options: IntegersOptions): NdArray<"int32"> {
  const result = zeros(shape, "int32");
  fillIntegers(key, result.data, options);
  return result;
}

/** Writes into `out` what `integers` returns. Throws "option". */
export function fillIntegers(key: Key, out: Int32Array, { low = 0, high }: IntegersOptions): void {
  const isInt32 = (value: number) => value === (value | 0);
  if (!isInt32(low) || !isInt32(high - 1) || low >= high) {
    throw new AdvectError("option", "integers", {
      expected: "integers -2^31 <= low < high <= 2^31",
      got: `low ${low}, high ${high}`,
    });
  }
  const next = wordStream(key, out.length);
  for (let i = 0; i < out.length; i++) out[i] = low + below(next, high - low);
}

/** The numbers 0 … count - 1 in random order, every order equally likely (Fisher and Yates). Throws "shape". */
export function permutation(key: Key, count: number): NdArray<"int32"> {
  const { data } = zeros([count], "int32");
  const next = wordStream(key, count);
  for (let i = 0; i < count; i++) {
    const j = below(next, i + 1);
    data[i] = data[j]!;
    data[j] = i;
  }
  return ndarray(data, [count]);
}

/** The words of `key`, one a call, read ahead by as many as the caller expects to use. */
export function wordStream(key: Key, expectedCount: number): () => number {
  const words = new Uint32Array(Math.min(4096, Math.max(16, Math.ceil(expectedCount / 16) * 16)));
  let first = 0;
  let at = words.length;
  return () => {
    if (at === words.length) {
      fillWords(key, words, first);
      first += words.length;
      at = 0;
    }
    return words[at++]!;
  };
}

/** An integer in [0, range), range <= 2^32: words past the last whole multiple of range are drawn again. */
function below(next: () => number, range: number): number {
  const limit = 2 ** 32 - (2 ** 32 % range);
  let word = next();
  while (word >= limit) word = next();
  return range === 2 ** 32 ? word : (word >>> 0) % (range >>> 0);
}
