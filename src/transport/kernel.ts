import { compileWasm } from "#platform";

/** A compiled kernel and the memory that it works in. */
export interface Loaded<Kernel> {
  readonly memory: WebAssembly.Memory;
  readonly kernel: Kernel;
}

const pageBytes = 65536;

/** The kernel on at least so many bytes of memory, the same at every call: it grows to the largest, and views of before end. */
export function kernelOf<Kernel>(wasm: string): (bytes: number) => Loaded<Kernel> {
  let loaded: Loaded<Kernel> | undefined;
  return (bytes) => {
    loaded ??= instance(wasm);
    const missing = Math.ceil((bytes - loaded.memory.buffer.byteLength) / pageBytes);
    if (missing > 0) loaded.memory.grow(missing);
    return loaded;
  };
}

function instance<Kernel>(wasm: string): Loaded<Kernel> {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(compileWasm(wasm), { env: { memory } });
  return { memory, kernel: exports as unknown as Kernel };
}
