import type { Fault } from "../recipe/faults.ts";
import { checkIn, joined, type Language, type ReadOptions, readIn } from "../recipe/index.ts";
import { readYaml } from "../recipe/yaml.ts";
import { type PolicyRecipe, policySchema } from "./schema.ts";

/** A recipe of a policy, complete. */
export type CompletePolicy = PolicyRecipe & { readonly name: string };

const language: Language<PolicyRecipe, CompletePolicy> = {
  schema: policySchema,
  located,
  completed,
  contradictions,
};

/** `readRecipe` for policies. Throws "format", "option". */
export function readPolicyRecipe(text: string, options: ReadOptions = {}): CompletePolicy {
  return readIn(language, text, options);
}

/** The same for a value that is there already. Throws "option". */
export function checkPolicyRecipe(
  value: unknown,
  options: Pick<ReadOptions, "where" | "set"> = {},
): CompletePolicy {
  return checkIn(language, value, options);
}

/** Whether a text of YAML is the recipe of a policy. Throws "format". */
export function isPolicyRecipe(text: string, where = "recipe"): boolean {
  const { value } = readYaml(text, where);
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "policy";
}

function located(recipe: PolicyRecipe, folder: string): PolicyRecipe {
  const { data } = recipe;
  if (data.kind === "pusht" && data.folder !== undefined)
    return { ...recipe, data: { ...data, folder: joined(folder, data.folder) } };
  if (data.kind === "episodes" && data.path !== undefined)
    return { ...recipe, data: { ...data, path: joined(folder, data.path) } };
  return recipe;
}

function completed(recipe: PolicyRecipe, name: string): CompletePolicy {
  const { training } = recipe;
  const length = training.steps === undefined && training.seconds === undefined ? { steps: 4000 } : {};
  return { ...recipe, name: recipe.name ?? name, training: { ...training, ...length } };
}

function contradictions({ training, method, coupling, baseline, ...recipe }: CompletePolicy): Fault[] {
  const integrates = method.kind === "flow" || method.kind === "diffusion";
  const rules: readonly (readonly [boolean, Fault])[] = [
    [
      training.steps !== undefined && training.seconds !== undefined,
      fault("training.seconds", "either steps or seconds", "both", "Remove one of them."),
    ],
    [
      recipe.executeSteps > recipe.horizon,
      fault("executeSteps", `at most the horizon, ${recipe.horizon}`, recipe.executeSteps),
    ],
    [
      coupling.kind !== "independent" && !integrates,
      fault("coupling", "independent, as there is no noise to pair", coupling.kind, "Leave coupling out."),
    ],
    [
      coupling.kind === "classwiseOT",
      fault("coupling", "exactOT or another without classes", coupling.kind, "Use exactOT."),
    ],
    [
      baseline && training.validation === undefined,
      fault(
        "baseline",
        "training.validation, episodes to compare on",
        "none",
        "Add training: { validation: {} }.",
      ),
    ],
  ];
  return rules.flatMap(([broken, found]) => (broken ? [found] : []));
}

function fault(path: string, expected: string, got: unknown, fix?: string): Fault {
  return { path: path.split("."), expected, got, fix };
}
