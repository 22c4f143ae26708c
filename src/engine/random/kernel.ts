import { compileWasm } from "#platform";
import { wasm } from "./kernel.wasm.ts";
import type { Key } from "./key.ts";

/** The exports of kernel.as.ts; a group is 16 words. */
interface Kernel {
  words(groups: number, ...keyAndBlock: [number, number, number, number, number]): void;
  uniform(groups: number, from: number, span: number, last: number): void;
  normal(groups: number, mean: number, std: number): void;
  readonly memory: WebAssembly.Memory;
}

interface Loaded {
  readonly kernel: Kernel;
  readonly words: Uint32Array;
  readonly floats: Float32Array;
}

/** Words per pass: 16 kB, so that the second pass and the copy out find them in the first-level cache. */
const chunk = 4096;

let loaded: Loaded | undefined;

function load(): Loaded {
  const instance = new WebAssembly.Instance(compileWasm(wasm));
  const kernel = instance.exports as unknown as Kernel;
  const { buffer } = kernel.memory;
  return { kernel, words: new Uint32Array(buffer, 0, chunk), floats: new Float32Array(buffer, 0, chunk) };
}

/**
 * Fills `out` with the words of `key`'s stream from word `first` on (a multiple of 16). The stream is Philox at
 * counters 0, 1, 2 …, sixteen words from four blocks at a time: their words 0, then 1, 2, 3.
 */
export function fillWords(key: Key, out: Uint32Array, first = 0): void {
  loaded ??= load();
  const { kernel, words } = loaded;
  fillChunks(out, words, (groups, start) => kernel.words(groups, ...key.words, (first + start) / 4));
}

/** Fills `out` with the same words, made numbers by `transform`, one of the kernel's in-place passes. */
export function fillFloats(
  key: Key,
  out: Float32Array,
  transform: (kernel: Kernel, groups: number) => void,
): void {
  loaded ??= load();
  const { kernel, floats } = loaded;
  fillChunks(out, floats, (groups, start) => {
    kernel.words(groups, ...key.words, start / 4);
    transform(kernel, groups);
  });
}

function fillChunks<A extends Uint32Array | Float32Array>(
  out: A,
  scratch: A,
  run: (groups: number, start: number) => void,
): void {
  for (let start = 0; start < out.length; start += chunk) {
    const count = Math.min(chunk, out.length - start);
    run(Math.ceil(count / 16), start);
    out.set(count === chunk ? scratch : scratch.subarray(0, count), start);
  }
}
