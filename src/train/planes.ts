import { type NdArray, ndarray } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import { sameShape } from "../engine/tensor/shape.ts";
import { type Mapped, mapTree, namedLeaves } from "../engine/tensor/tree.ts";
import type { Entry, Layout } from "./layout.ts";

/** The planes that AdamW with an average needs. */
export const adamPlanes = ["params", "gradient", "m", "v", "ema"] as const;
export type AdamPlane = (typeof adamPlanes)[number];

/**
 * Flat vectors of one layout in one WebAssembly memory of fixed size, each starting at a multiple of 64 bytes, zero at
 * first. Views stay valid for ever, since the memory never grows; they show the owner's numbers, so do not hand them out.
 */
export interface Planes<Name extends string = AdamPlane, T = unknown> {
  readonly layout: Layout<T>;
  readonly names: readonly Name[];
  readonly memory: WebAssembly.Memory;
  /** Where the plane starts, in bytes. */
  pointer(plane: Name): number;
  /** The plane or one of its tensors, without a copy. */
  view(plane: Name, entry?: Entry): Float32Array;
  /** All small tensors of the plane, without a copy. */
  smallView(plane: Name): Float32Array;
  /** Writes the numbers of `tree` into the plane. Throws "shape" unless it has the layout's tensors. */
  copyIn(plane: Name, tree: Mapped<T, NdArray>): void;
  /** The plane as a tree of fresh arrays. */
  copyOut(plane: Name): Mapped<T, NdArray<"float32">>;
}

const pageBytes = 65_536;
const maxPages = 65_536;

/** Throws "unsupported" if the planes need more than the 4 GiB that a WebAssembly memory can have. */
export function allocatePlanes<T>(layout: Layout<T>): Planes<AdamPlane, T>;
export function allocatePlanes<Name extends string, T>(
  layout: Layout<T>,
  names: readonly Name[],
): Planes<Name, T>;
export function allocatePlanes<T>(
  layout: Layout<T>,
  names: readonly string[] = adamPlanes,
): Planes<string, T> {
  const memory = allocateMemory(4 * layout.size * names.length);
  const pointer = (plane: string) => {
    const at = names.indexOf(plane);
    if (at >= 0) return 4 * layout.size * at;
    throw new AdvectError("option", "planes", { expected: `a plane of ${names.join(", ")}`, got: plane });
  };
  const part = (plane: string, offset: number, length: number) =>
    new Float32Array(memory.buffer, pointer(plane) + 4 * offset, length);
  const view = (plane: string, entry?: Entry) =>
    entry ? part(plane, entry.offset, entry.length) : part(plane, 0, layout.size);
  return {
    layout,
    names,
    memory,
    pointer,
    view,
    smallView: (plane) => part(plane, 0, layout.smallLength),
    copyIn: (plane, tree) => {
      for (const [entry, { data }] of matched(layout, tree)) view(plane, entry).set(data);
    },
    copyOut: (plane) =>
      mapTree(layout.tree, (entry: Entry) => ndarray(view(plane, entry).slice(), entry.shape)) as Mapped<
        T,
        NdArray<"float32">
      >,
  };
}

function allocateMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.max(1, Math.ceil(bytes / pageBytes));
  if (pages <= maxPages) return new WebAssembly.Memory({ initial: pages, maximum: pages });
  throw new AdvectError("unsupported", "allocatePlanes", {
    expected: "planes of at most 4 GiB together",
    got: `${(bytes / 2 ** 30).toFixed(1)} GiB`,
    fix: "Train a smaller model, or leave out planes such as the average.",
  });
}

/** The tensors of `tree` beside their places. Throws "shape" unless it has the layout's tensors and no others. */
export function matched(layout: Layout, tree: unknown): (readonly [Entry, NdArray])[] {
  const arrays = namedLeaves<NdArray>(tree);
  return layout.entries.map((entry) => {
    const array = arrays.get(entry.path);
    const fits = array && sameShape(array.shape, entry.shape) && arrays.size === layout.entries.length;
    if (fits) return [entry, array];
    throw mismatch(entry, arrays);
  });
}

function mismatch(entry: Entry, arrays: ReadonlyMap<string, NdArray>): AdvectError {
  const found = arrays.get(entry.path);
  return new AdvectError("shape", "copyIn", {
    expected: `${entry.path} of shape [${entry.shape}] and no other tensors than the layout's`,
    got: found
      ? `[${found.shape}] among ${arrays.size} tensors`
      : `a tree of ${[...arrays.keys()].join(", ")}`,
    fix: "Give a tree with the names and shapes that the layout was made from.",
  });
}
