import type { Command } from "commander";
import { compareCommand } from "./commands/compare.ts";
import { recipesCommand } from "./commands/recipes.ts";
import { trainCommand } from "./commands/train.ts";
import type { Context } from "./context.ts";

/** In the order of the help. Each is one file, which loads what it needs when it runs. */
export const commands: readonly ((context: Context) => Command)[] = [
  trainCommand,
  compareCommand,
  recipesCommand,
];
