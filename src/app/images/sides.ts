import { fromPixels, toPixels } from "../../data/index.ts";
import { type NdArray, takeRows } from "../../engine/array/index.ts";
import { type Key, key, permutation } from "../../engine/random/index.ts";
import { partsOf } from "../build/batches.ts";
import type { Data, Rows } from "../build/data.ts";
import type { CompleteRecipe } from "../recipe/index.ts";
import type { Labelled } from "./evaluate.ts";

/** Real images on both sides of training. */
export interface RealImages {
  readonly training: Labelled;
  readonly test: Labelled;
}

/**
 * What a recipe trains on, and at most `count` images that it does not: of the data's test files, or else of the part
 * that it keeps for validation. Undefined where it has neither.
 */
export function realImages(recipe: CompleteRecipe, data: Data, count: number): RealImages | undefined {
  if (!("rows" in data.from)) return undefined;
  const root = key(recipe.seed);
  const { train, validation } = partsOf(recipe, data.from.rows, root.fold("batches"));
  const [training, test] = [labelled(train), labelled(data.test ?? validation)];
  return training && test && { training, test: someOf(test, count, root.fold("test images")) };
}

function labelled(rows: Rows | undefined): Labelled | undefined {
  return rows?.labels && { x: rows.x1, labels: rows.labels };
}

function someOf({ x, labels }: Labelled, count: number, key: Key): Labelled {
  const rows = x.shape[0]!;
  if (rows <= count) return { x, labels };
  const chosen = permutation(key, rows).data.slice(0, count).sort();
  return { x: takeRows(x, chosen), labels: takeRows(labels, chosen) };
}

/** Samples as a file would have them: rounded to the `maximum` + 1 levels of the data, within [-1, 1]. */
export function asImages(samples: NdArray, maximum: number): NdArray<"float32"> {
  return fromPixels({ images: toPixels(samples, { maximum }), maximum });
}
