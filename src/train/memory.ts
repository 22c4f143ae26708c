import type { NdArray } from "../engine/array/index.ts";
import { type Mapped, mapTree, namedLeaves } from "../engine/tensor/index.ts";
import { matched } from "./planes.ts";
import type { Program } from "./program.ts";
import { type Storage, storedArray, unstoredArray } from "./storage.ts";
import type { Updater } from "./updater.ts";

/** The planes seen as trees of parameters, whatever way each is stored. */
export interface TrainingMemory<P> {
  readonly parameterCount: number;
  read(plane: string): Mapped<P, NdArray<"float32">>;
  /** Fills planes by name: all, or none when a tree has not the parameters' names and shapes, which throws "shape". */
  write(trees: Readonly<Record<string, Mapped<P, NdArray>>>): void;
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
    write: (trees) => {
      const stored = Object.entries(trees).map(([plane, tree]): [string, Mapped<P, NdArray>] => [
        plane,
        mapTree(tree, (array: NdArray, path) => storedArray(array, wayOf(path))) as Mapped<P, NdArray>,
      ]);
      for (const [, tree] of stored) matched(layout, tree);
      for (const [plane, tree] of stored) planes.copyIn(plane, tree);
    },
  };
}
