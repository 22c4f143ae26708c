import type { Recipe } from "./schema.ts";

/** The recipe with the paths of its data seen from here, where they were written as seen from `folder`. */
export function located(recipe: Recipe, folder: string): Recipe {
  const to = (path: string) => joined(folder, path);
  const { data } = recipe;
  if (data.kind === "file" || data.kind === "npz") return withData(recipe, { ...data, path: to(data.path) });
  if (data.kind !== "optdigits" && data.kind !== "mnist" && data.kind !== "cifar10") return recipe;
  return withData(recipe, { ...data, folder: to(data.folder) });
}

const withData = (recipe: Recipe, data: Recipe["data"]) => ({ ...recipe, data }) as Recipe;

/** `path` as seen from where `folder` is; absolute paths and URLs stay. */
export function joined(folder: string, path: string): string {
  if (folder === "" || folder === "." || /^([/\\]|[a-z][a-z+.-]*:)/i.test(path)) return path;
  const parts: string[] = [];
  for (const part of `${folder}/${path}`.split("/")) {
    const back = part === ".." && parts.length > 0 && parts.at(-1) !== ".." && parts.at(-1) !== "";
    if (back) parts.pop();
    else if (part !== "." && !(part === "" && parts.length > 0)) parts.push(part);
  }
  return parts.join("/");
}

/** The folder of a path; "." for a name alone. */
export function folderOf(path: string): string {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return end < 0 ? "." : path.slice(0, end) || "/";
}

/** The last part of a path, without its ending. */
export function stemOf(path: string): string {
  const name = path.replace(/[/\\]+$/, "");
  return name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1).replace(/\.[^.]+$/, "");
}
