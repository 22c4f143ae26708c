import type { NdArray } from "../../engine/array/index.ts";
import type { Key } from "../../engine/random/index.ts";
import type { Sizes } from "./network.ts";
import type { Units } from "./units.ts";

/** Rows of a data set in the units of the model, and what belongs to each. */
export interface Rows {
  readonly x1: NdArray<"float32">;
  readonly labels?: NdArray<"int32">;
  readonly vector?: NdArray<"float32">;
}

/** What there is to learn. */
export interface Data {
  readonly sizes: Sizes;
  readonly units: Units;
  /** A data set, or samples without end. */
  readonly from: { readonly rows: Rows } | { readonly draw: (key: Key, count: number) => NdArray<"float32"> };
  /** Samples to start from, in the units of the model; noise unless given. */
  readonly source?: (key: Key, count: number) => NdArray<"float32">;
  /** Rows for judging samples that are never trained on, where they have files of their own. */
  readonly test?: Rows;
  /** Largest value of a pixel, of images. */
  readonly maximum?: number;
}
