import { AdvectError } from "../../engine/error.ts";
import type { Config } from "../../train/index.ts";
import type { Data } from "../build/data.ts";
import type { Sizes } from "../build/network.ts";
import { type CompleteRecipe, checkRecipe } from "../recipe/index.ts";

/** What a checkpoint says about its model: enough to build it again without the data. */
export interface RunConfig {
  readonly recipe: CompleteRecipe;
  readonly sizes: Sizes;
  /** Largest value of a pixel, of images. */
  readonly maximum?: number;
}

export function configOf(recipe: CompleteRecipe, { sizes, maximum }: Data): Config {
  return { recipe, sizes, ...(maximum !== undefined && { maximum }) };
}

/** Throws "format" for the config of something else, and "option" for a recipe that this version does not know. */
export function readConfig(config: Config, where: string, set: readonly string[] = []): RunConfig {
  const { recipe, sizes, maximum } = config as Partial<RunConfig>;
  const { shape, classes, conditionSize } = sizes ?? {};
  const counts = [...(Array.isArray(shape) ? shape : [-1]), classes, conditionSize];
  if (!recipe || !counts.every((value) => Number.isSafeInteger(value) && (value as number) >= 0)) {
    throw new AdvectError("format", where, {
      expected: "the checkpoint of a recipe, with the sizes of its data",
      got: Object.keys(config),
      fix: "Only what advect train saved can be sampled here; load others by advect/train.",
    });
  }
  return {
    recipe: checkRecipe(recipe, { where, set }),
    sizes: sizes!,
    ...(maximum !== undefined && { maximum }),
  };
}
