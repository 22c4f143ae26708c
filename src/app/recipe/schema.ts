import { z } from "zod";
import { imageData, pointData, pointSource } from "./data.ts";
import { condition, coupling, method, path } from "./flow.ts";
import { imageModel, pointModel } from "./model.ts";
import { sampling } from "./sampling.ts";
import { training } from "./training.ts";
import { index, object, oneOf } from "./words.ts";

/** What recipes of samples have in common, whatever is sampled. */
const common = {
  name: z
    .string()
    .regex(/^[\w.-]+$/, "expected letters, digits, dots, hyphens")
    .exactOptional(),
  /** One line for the list of recipes. */
  description: z.string().exactOptional(),
  /** Of everything that is drawn. */
  seed: index.default(0),
  condition: condition.prefault({}),
  path: path.exactOptional(),
  coupling: coupling.default({ kind: "independent" }),
  method: method.default({ kind: "flowMatching" }),
  /** Divides every weight matrix by its largest singular value: a smoother field. */
  spectralNorm: z.boolean().exactOptional(),
  training: training.prefault({}),
  sampling: sampling.prefault({}),
};

/** Vectors: points in the plane, or rows of a file. */
const points = object({
  kind: z.literal("points"),
  ...common,
  data: pointData,
  normalize: z.enum(["standardize", "rescale", "none"]).default("standardize"),
  source: pointSource.exactOptional(),
  model: pointModel.default({ kind: "mlp" }),
});

/** Images with a class each, scaled to [-1, 1]. */
const images = object({
  kind: z.literal("images"),
  ...common,
  data: imageData,
  model: imageModel.default({ kind: "unet2d" }),
});

/** One object schema for each kind of recipe: a new one has a line here and one in ../kinds.ts. */
const kinds = [points, images] as const;

export const recipeSchema = oneOf(kinds);

export type PointsRecipe = z.infer<typeof points>;
export type ImagesRecipe = z.infer<typeof images>;
export type Recipe = z.infer<typeof recipeSchema>;
