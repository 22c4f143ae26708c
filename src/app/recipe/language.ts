import { stringify } from "yaml";
import type { z } from "zod";
import { type Fault, faultsOf, type Path, type Place, refusal, wording } from "./faults.ts";
import { type Override, overridden, parseOverride } from "./override.ts";
import { readYaml } from "./yaml.ts";

/** What recipes of one sort consist of: their words, and what these mean together. */
export interface Language<Recipe, Complete> {
  readonly schema: z.ZodType<Recipe>;
  /** The recipe with its paths seen from here, where they were written as seen from `folder`. */
  located(recipe: Recipe, folder: string): Recipe;
  /** Everything decided that depends on other words. */
  completed(recipe: Recipe, name: string): Complete;
  /** What the words, each possible, cannot be together. */
  contradictions(recipe: Complete): readonly Fault[];
}

export interface ReadOptions {
  /** What errors call the text; the name of its file. */
  readonly where?: string;
  /** The name of a recipe that has none. */
  readonly name?: string;
  /** `training.steps=100`: values in the place of the recipe's own, checked as those are. */
  readonly set?: readonly string[];
  /** Where the recipe's paths are seen from; those in `set` are seen from here. */
  readonly folder?: string;
}

/**
 * A recipe from YAML, checked and complete. Throws "format" for text that is no YAML and "option" for what is no recipe,
 * naming line and column, the key, what may stand there, and what was perhaps meant.
 */
export function readIn<R, C>(language: Language<R, C>, text: string, options: ReadOptions = {}): C {
  const { where = "recipe", folder = ".", set = [], name = "recipe" } = options;
  const { value, place } = readYaml(text, where);
  const overrides = set.map(parseOverride);
  const own = language.schema.safeParse(value, { error: wording });
  if (overrides.length === 0 || !own.success) {
    const all = checked(language, overridden(value, overrides), placing(place, overrides));
    return whole(language, language.located(all, folder), { name, place });
  }
  const base = language.located(own.data, folder);
  const places = placing(place, overrides);
  return whole(language, checked(language, overridden(base, overrides), places), { name, place: places });
}

/** The same for a value that is there already, such as a saved recipe. */
export function checkIn<R, C>(
  language: Language<R, C>,
  value: unknown,
  { where = "recipe", set = [] }: Pick<ReadOptions, "where" | "set"> = {},
): C {
  const here = () => where;
  const own = whole(language, checked(language, value, here), { name: "recipe", place: here });
  if (set.length === 0) return own;
  const overrides = set.map(parseOverride);
  const place = placing(here, overrides);
  return whole(language, checked(language, overridden(own, overrides), place), { name: "recipe", place });
}

/** A recipe as YAML; reading it gives the same. */
export function recipeText(recipe: object): string {
  return stringify(recipe, { lineWidth: 100 });
}

function checked<R, C>({ schema }: Language<R, C>, value: unknown, place: Place): R {
  const result = schema.safeParse(value, { error: wording });
  if (result.success) return result.data;
  throw refusal(sorted(faultsOf(result.error.issues, value), place), place);
}

function whole<R, C>(
  language: Language<R, C>,
  recipe: R,
  { name, place }: { readonly name: string; readonly place: Place },
): C {
  const complete = language.completed(recipe, name);
  const faults = language.contradictions(complete);
  if (faults.length > 0) throw refusal(faults, place);
  return complete;
}

/** In the order of the text. */
function sorted(faults: readonly Fault[], place: Place): Fault[] {
  const line = (fault: Fault) => Number(/:(\d+):\d+$/.exec(place(fault.path))?.[1] ?? 0);
  return [...faults].sort((a, b) => line(a) - line(b));
}

/** What was set on the command line is named by that. */
function placing(place: Place, overrides: readonly Override[]): Place {
  const covers = (path: Path) =>
    overrides.findLast((override) => override.path.every((name, i) => String(path[i]) === name));
  return (path) => {
    const override = covers(path);
    return override ? `--set ${override.path.join(".")}` : place(path);
  };
}
