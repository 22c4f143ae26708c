export {
  type CompleteImages,
  type CompletePoints,
  type CompleteRecipe,
  isConditional,
} from "./complete.ts";
export type { ImageData, PointData } from "./data.ts";
export type { CouplingWords, MethodWords, PathWords, TimeWords, WeightWords } from "./flow.ts";
export { recipeJsonSchema } from "./json-schema.ts";
export { checkIn, type Language, type ReadOptions, readIn, recipeText } from "./language.ts";
export { folderOf, joined, stemOf } from "./locate.ts";
export type { ModelWords } from "./model.ts";
export { checkRecipe, readRecipe } from "./read.ts";
export type { GridWords, Guidance, Sampling, SolverWords } from "./sampling.ts";
export type { Recipe } from "./schema.ts";
export { editDistance, suggestion } from "./suggest.ts";
export type { Training } from "./training.ts";
