import type { NdArray } from "../engine/array/index.ts";
import { type Mapped, mapTree, namedLeaves } from "../engine/tensor/index.ts";
import type { Program } from "./program.ts";
import { type Storage, storedArray, unstoredArray } from "./storage.ts";
import type { Updater } from "./updater.ts";

/** The planes seen as trees of parameters, whatever way each is stored. */
export interface TrainingMemory<P> {
  readonly parameterCount: number;
  read(plane: string): Mapped<P, NdArray<"float32">>;
  /** Throws "shape" unless the tree has the parameters' names and shapes. */
  write(plane: string, tree: Mapped<P, NdArray>): void;
}

export function trainingMemory<P>(
  { layout, storage }: Program<P>,
  { planes }: Updater<P>,
): TrainingMemory<P> {
  const ways = namedLeaves<Storage>(storage);
  const wayOf = (path: string): Storage => ways.get(path) ?? { shape: [], dtype: "float32" };
  return {
    parameterCount: layout.entries.reduce((total, { length }) => total + length, 0),
    read: (plane) => {
      const stored = planes.copyOut(plane);
      return mapTree(stored, (array: NdArray, path) => unstoredArray(array, wayOf(path))) as Mapped<
        P,
        NdArray<"float32">
      >;
    },
    write: (plane, tree) => {
      const stored = mapTree(tree, (array: NdArray, path) => storedArray(array, wayOf(path)));
      planes.copyIn(plane, stored as unknown as Mapped<P, NdArray>);
    },
  };
}
