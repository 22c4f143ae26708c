import { AdvectError } from "../../engine/error.ts";

/** What may be different when a run goes on. */
const free = ["training", "sampling", "name", "description"];

/** Throws "option", naming the first key that is not the same, unless a run trained what the recipe says. */
export function sameTask(recipe: object, saved: object, folder: string): void {
  const [mine, theirs] = [recipe, saved] as Record<string, unknown>[];
  const names = [...new Set([...Object.keys(mine!), ...Object.keys(theirs!)])];
  for (const name of names.filter((key) => !free.includes(key))) {
    const path = difference(mine![name], theirs![name], name);
    if (path === undefined) continue;
    throw new AdvectError("option", folder, {
      expected: "the run of this recipe",
      got: `one with another ${path}`,
      fix: `advect train ${folder} --resume goes on with its own recipe; --out starts another run.`,
    });
  }
}

function difference(a: unknown, b: unknown, path: string): string | undefined {
  if (Object.is(a, b)) return undefined;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return path;
  const [mine, theirs] = [a, b] as [Record<string, unknown>, Record<string, unknown>];
  const names = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
  for (const name of names) {
    const found = difference(mine[name], theirs[name], `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
