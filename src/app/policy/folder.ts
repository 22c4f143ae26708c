import type { Files } from "../../engine/platform/index.ts";
import { platformFiles } from "../../train/files.ts";
import { runFolder } from "../run/folder.ts";
import { type CompletePolicy, readPolicyRecipe } from "./recipe.ts";

export interface RunOptions {
  readonly set?: readonly string[];
  readonly files?: Files;
}

/** The recipe of a policy's run, with changes; its paths are seen from here. Throws "io", "format", "option". */
export async function policyRecipeOfRun(
  folder: string,
  { set = [], files = platformFiles }: RunOptions = {},
): Promise<CompletePolicy> {
  const where = runFolder(folder).recipe;
  return readPolicyRecipe(new TextDecoder().decode(await files.readFile(where)), { where, set });
}
