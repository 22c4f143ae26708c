import { Command } from "commander";
import { type Answer, answering } from "../answer.ts";
import type { Context } from "../context.ts";

/** advect recipes: what there is to train. */
export function recipesCommand(context: Context): Command {
  const command = new Command("recipes").description("list the recipes that come with advect");
  return answering(command, context, () => list(context));
}

async function list({ recipes }: Context): Promise<Answer> {
  const { listFolder } = await import("../../engine/platform/index.ts");
  const names = (await listFolder(recipes)).flatMap((file) => /^(.+)\.yaml$/.exec(file)?.[1] ?? []);
  return { json: { recipes: names }, text: names.join("\n") };
}
