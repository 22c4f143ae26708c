import { compileWasm } from "#platform";
import { wasm } from "./kernel.wasm.ts";
import type { Matching } from "./state.ts";

/** The export of kernel.as.ts; pointers are bytes. */
interface Kernel {
  relax(...arrays: [...pointers: [number, number, number, number, number], ...scalars: Scalars]): number;
}

type Scalars = [n: number, row: number, offset: number];

/** The arrays of Dijkstra's search over the columns of one problem; the next `searchOf` takes them away. */
export interface Search {
  /** v_j, and -Infinity for columns done with. */
  readonly price: Float64Array;
  /** Distances so far, and Infinity for columns done with. */
  readonly open: Float64Array;
  /** Row through which each column was reached. */
  readonly previous: Float64Array;
  /** 0 for columns without a row, else Infinity. */
  readonly taken: Float64Array;
  /** The columns done with, in their order, and their distances. */
  readonly done: Int32Array;
  readonly distance: Float64Array;
  /** Lowers distances through `row`; returns the nearest open column, one without a row if it is as near. */
  relax(row: number, offset: number): number;
}

const pageBytes = 65536;

let loaded: { readonly memory: WebAssembly.Memory; readonly kernel: Kernel } | undefined;

/** The kernel on at least `bytes` of memory, one for all problems: it grows to the largest and is kept. */
function kernelWith(bytes: number): { memory: WebAssembly.Memory; kernel: Kernel } {
  loaded ??= load();
  const { memory } = loaded;
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / pageBytes);
  if (missing > 0) memory.grow(missing);
  return loaded;
}

function load() {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(compileWasm(wasm), { env: { memory } });
  return { memory, kernel: exports as unknown as Kernel };
}

/** Copies the costs to where the kernel reads them, as rows of even width behind the four arrays. */
export function searchOf({ rows, columns, cost, rowOf }: Matching): Search {
  const width = columns + (columns % 2);
  const at = (row: number) => row * width * 8;
  const { memory, kernel } = kernelWith(at(4 + rows));
  const view = (row: number, count = 1) => new Float64Array(memory.buffer, at(row), count * width);
  const costs = view(4, rows).fill(Infinity);
  for (let i = 0; i < rows; i++) costs.set(cost.subarray(i * columns, (i + 1) * columns), i * width);
  const taken = view(3).fill(Infinity);
  for (let j = 0; j < columns; j++) taken[j] = rowOf[j] === -1 ? 0 : Infinity;
  return {
    price: view(0),
    open: view(1),
    previous: view(2),
    taken,
    done: new Int32Array(columns),
    distance: new Float64Array(columns),
    relax: (row, offset) => kernel.relax(at(4 + row), at(0), at(1), at(2), at(3), width, row, offset),
  };
}
