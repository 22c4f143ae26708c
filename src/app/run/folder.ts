import { AdvectError } from "../../engine/error.ts";
import type { Files } from "../../engine/platform/index.ts";
import { platformFiles } from "../../train/files.ts";
import { type CompleteRecipe, readRecipe, recipeText } from "../recipe/index.ts";

/** What lies where in the folder of a run. */
export interface RunFolder {
  readonly folder: string;
  readonly recipe: string;
  readonly log: string;
  readonly checkpoints: string;
  readonly figures: string;
  readonly samples: string;
  readonly report: string;
  /** The pairs that a round of reflow learns from. */
  pairs(round: number): string;
}

export function runFolder(folder: string): RunFolder {
  return {
    folder,
    recipe: `${folder}/recipe.yaml`,
    log: `${folder}/log.jsonl`,
    checkpoints: `${folder}/checkpoints`,
    figures: `${folder}/figures`,
    samples: `${folder}/samples.npz`,
    report: `${folder}/report.json`,
    pairs: (round) => `${folder}/pairs-${round}.npz`,
  };
}

export const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const jsonBytes = (value: unknown): Uint8Array => textBytes(`${JSON.stringify(value, null, 2)}\n`);

/** Whether there is a run in the folder. */
export async function isRun(folder: string, files: Files = platformFiles): Promise<boolean> {
  return (await files.listFolder(folder)).includes("recipe.yaml");
}

/** The recipe of a run, with changes; its paths are seen from here. Throws "io", "format", "option". */
export async function recipeOfRun(
  folder: string,
  { set = [], files = platformFiles }: { readonly set?: readonly string[]; readonly files?: Files } = {},
): Promise<CompleteRecipe> {
  const where = runFolder(folder).recipe;
  return readRecipe(new TextDecoder().decode(await files.readFile(where)), { where, set });
}

/** Begins a run: a new folder with its recipe. Throws "option" where something is already. */
export async function beginRun(folder: string, recipe: object, files: Files): Promise<void> {
  const names = await files.listFolder(folder);
  if (names.length > 0) {
    throw new AdvectError("option", folder, {
      expected: "a folder for a new run",
      got: names.includes("recipe.yaml") ? "one with a run" : `one with ${names.slice(0, 3).join(", ")}`,
      fix: names.includes("recipe.yaml")
        ? "Go on with it by --resume, replace it by --overwrite, or choose another folder by --out."
        : "Choose another folder by --out.",
    });
  }
  await files.writeFolderAtomic(folder, { "recipe.yaml": textBytes(recipeText(recipe)) });
}

/** Keeps the recipe that a run goes on with. */
export async function saveRecipe(folder: string, recipe: object, files: Files): Promise<void> {
  await files.writeFileAtomic(runFolder(folder).recipe, textBytes(recipeText(recipe)));
}
