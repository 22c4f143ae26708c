import { stringify } from "yaml";
import { type CompleteRecipe, completed, contradictions } from "./complete.ts";
import { type Fault, faultsOf, type Path, type Place, refusal, wording } from "./faults.ts";
import { located } from "./locate.ts";
import { type Override, overridden, parseOverride } from "./override.ts";
import { type Recipe, recipeSchema } from "./schema.ts";
import { readYaml } from "./yaml.ts";

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
export function readRecipe(text: string, options: ReadOptions = {}): CompleteRecipe {
  const { where = "recipe", folder = ".", set = [], name = "recipe" } = options;
  const { value, place } = readYaml(text, where);
  const overrides = set.map(parseOverride);
  const own = recipeSchema.safeParse(value, { error: wording });
  if (overrides.length === 0 || !own.success) {
    const all = overridden(value, overrides);
    return whole(located(checked(all, placing(place, overrides)), folder), { name, place });
  }
  const base = located(own.data, folder);
  const places = placing(place, overrides);
  return whole(checked(overridden(base, overrides), places), { name, place: places });
}

/** The same for a value that is there already, such as a saved recipe. */
export function checkRecipe(
  value: unknown,
  { where = "recipe", set = [] }: Pick<ReadOptions, "where" | "set"> = {},
): CompleteRecipe {
  const own = whole(
    checked(value, () => where),
    { name: "recipe", place: () => where },
  );
  if (set.length === 0) return own;
  const overrides = set.map(parseOverride);
  const place = placing(() => where, overrides);
  return whole(checked(overridden(own, overrides), place), { name: "recipe", place });
}

/** The recipe as YAML; `readRecipe` of it gives the same. */
export function recipeText(recipe: CompleteRecipe): string {
  return stringify(recipe, { lineWidth: 100 });
}

function checked(value: unknown, place: Place): Recipe {
  const result = recipeSchema.safeParse(value, { error: wording });
  if (result.success) return result.data;
  throw refusal(sorted(faultsOf(result.error.issues, value), place), place);
}

function whole(recipe: Recipe, { name, place }: { name: string; place: Place }): CompleteRecipe {
  const complete = completed(recipe, name);
  const faults = contradictions(complete);
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
