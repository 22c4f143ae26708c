import { Command } from "commander";
import { type Answer, answering, type CommonOptions } from "../answer.ts";
import type { Context } from "../context.ts";
import { findRecipe, recipeNames } from "../recipes.ts";
import { table } from "../table.ts";

interface RecipesOptions extends CommonOptions {
  readonly schema?: boolean;
}

const more = `
Train one by its name: advect train two-moons. Copy its YAML file to begin one of your own; advect recipes --json says
where they are. Editors complete the words of a file that begins with
  # yaml-language-server: $schema=recipe.schema.json
once there is one: advect recipes --schema > recipe.schema.json`;

/** advect recipes: what there is to train. */
export function recipesCommand(context: Context): Command {
  const command = new Command("recipes")
    .description("list the recipes that come with advect")
    .option("--schema", "print the JSON Schema of recipes, for editors, instead")
    .addHelpText("after", more);
  return answering(command, context, ({ schema }: RecipesOptions) => (schema ? schemaOf() : list(context)));
}

async function list({ recipes }: Context): Promise<Answer> {
  const found = [];
  for (const name of recipeNames(recipes)) {
    const { recipe } = await findRecipe(name, { recipes, set: [] });
    const { kind, method, model, description = "" } = recipe;
    found.push({ name, kind, method: method.kind, model: model.kind, description });
  }
  const rows = found.map(({ name, kind, method, model, description }) => [
    name,
    kind,
    method,
    model,
    description,
  ]);
  return { json: { folder: recipes, recipes: found }, text: table(rows) };
}

async function schemaOf(): Promise<Answer> {
  const { recipeJsonSchema } = await import("../../app/index.ts");
  const json = recipeJsonSchema();
  return { json, text: JSON.stringify(json, null, 2) };
}
