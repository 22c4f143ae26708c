import { type CompleteRecipe, completed, contradictions } from "./complete.ts";
import { checkIn, type Language, type ReadOptions, readIn } from "./language.ts";
import { located } from "./locate.ts";
import { type Recipe, recipeSchema } from "./schema.ts";

/** Recipes of samples. */
const language: Language<Recipe, CompleteRecipe> = {
  schema: recipeSchema,
  located,
  completed,
  contradictions,
};

/** `readIn` for recipes of samples. Throws "format", "option". */
export function readRecipe(text: string, options: ReadOptions = {}): CompleteRecipe {
  return readIn(language, text, options);
}

/** The same for a value that is there already, such as a saved recipe. */
export function checkRecipe(
  value: unknown,
  options: Pick<ReadOptions, "where" | "set"> = {},
): CompleteRecipe {
  return checkIn(language, value, options);
}
