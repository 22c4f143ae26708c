import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CompletePolicy, CompleteRecipe, ReadOptions } from "../app/index.ts";
import { AdvectError } from "../engine/error.ts";

/** Recipes that ship with advect: "two-moons", "density/glow", in order. */
export function recipeNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .flatMap((file) => /^(.+)\.yaml$/.exec(file.replaceAll("\\", "/"))?.[1] ?? [])
    .sort();
}

export interface FoundRecipe {
  readonly recipe: CompleteRecipe | CompletePolicy;
  /** The run that it was found in. */
  readonly run?: string;
}

/**
 * The recipe that someone means: a YAML file, the folder of a run, or the name of one that ships with advect. Throws
 * "option" where there is none, saying what was perhaps meant, and for what `readRecipe` refuses.
 */
export async function findRecipe(
  name: string,
  { recipes, set }: { readonly recipes: string; readonly set: readonly string[] },
): Promise<FoundRecipe> {
  const { isPolicyRecipe, readPolicyRecipe, readRecipe, suggestion } = await import("../app/index.ts");
  const read = (text: string, options: ReadOptions) =>
    isPolicyRecipe(text, options.where) ? readPolicyRecipe(text, options) : readRecipe(text, options);
  const shipped = join(recipes, `${name}.yaml`);
  if (!existsSync(shipped) && existsSync(join(name, "recipe.yaml"))) {
    const run = name.replace(/[/\\]+$/, "");
    const where = join(name, "recipe.yaml");
    return { recipe: read(readFileSync(where, "utf8"), { where, set }), run };
  }
  const file = /\.ya?ml$/.test(name) ? name : shipped;
  if (!existsSync(file)) {
    const names = recipeNames(recipes);
    const near = suggestion(name, names);
    throw new AdvectError("option", "recipe", {
      expected: "a recipe's name, a YAML file, or the folder of a run",
      got: name,
      fix: near ? `Did you mean ${near}?` : `Recipes: ${names.join(", ")}.`,
    });
  }
  const text = readFileSync(file, "utf8");
  const plain = name.replace(/^.*[/\\]/, "").replace(/\.ya?ml$/, "");
  return { recipe: read(text, { where: file, name: plain, set, folder: dirname(file) }) };
}
