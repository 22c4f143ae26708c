export * from "./images/index.ts";
export {
  type CompleteImages,
  type CompletePoints,
  type CompleteRecipe,
  checkRecipe,
  type ReadOptions,
  readRecipe,
  recipeJsonSchema,
  recipeText,
  suggestion,
} from "./recipe/index.ts";
export * from "./run/index.ts";
