import { Command } from "commander";
import { type Answer, answering } from "../answer.ts";
import type { Context } from "../context.ts";
import { findRecipe, recipeNames } from "../recipes.ts";
import { table } from "../table.ts";

/** advect recipes: what there is to train. */
export function recipesCommand(context: Context): Command {
  const command = new Command("recipes")
    .description("list the recipes that come with advect")
    .addHelpText(
      "after",
      "\nTrain one by its name: advect train two-moons. Copy its YAML file to begin one of your own.",
    );
  return answering(command, context, () => list(context));
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
