import type { CompletePolicy } from "../../app/index.ts";
import type { ComparePoliciesOptions, PolicyComparison, PolicyMethodName } from "../../app/pusht/index.ts";
import type { TaskName } from "../../robot/index.ts";
import type { Answer } from "../answer.ts";
import type { Context } from "../context.ts";
import { findRecipe } from "../recipes.ts";

/** Tasks that policies are compared on, and the recipes that say how they are trained. */
export const comparedTasks: Readonly<Record<string, { readonly task: TaskName; readonly recipe: string }>> = {
  pusht: { task: "pusht", recipe: "pusht-quick" },
  navigation: { task: "navigation", recipe: "navigation" },
};

export interface ComparePoliciesFlags {
  readonly methods?: string;
  /** A name, or seconds. */
  readonly budget: string | number;
  readonly steps?: number;
  readonly episodes?: number;
  readonly out?: string;
  readonly seed: number;
}

/** The first of the seeds that recipes are chosen on. */
const firstSeed = 200000;
/** Of all the time, for the training of one method of five. */
const trainingShare = 0.12;

/** advect compare pusht: policies beside each other, in closed loop. */
export async function comparePolicyMethods(
  name: string,
  flags: ComparePoliciesFlags,
  context: Context,
): Promise<Answer> {
  const { comparePolicies, policyMethodNames, savePolicyComparison } = await import(
    "../../app/pusht/index.ts"
  );
  const { choose } = await import("../../app/compare/index.ts");
  const { task, recipe: recipeName } = comparedTasks[name]!;
  const { recipe } = await findRecipe(recipeName, { recipes: context.recipes, set: [`seed=${flags.seed}`] });
  const folder = flags.out ?? `runs/compare-${name}`;
  const methods = flags.methods?.split(/[\s,]+/).filter((word) => word !== "");
  const warn = (message: string) => void context.stderr.write(`${message}\n`);
  using interruption = context.interruption();
  try {
    const comparison = await comparePolicies({
      ...sized(flags),
      task,
      recipe: recipe as CompletePolicy,
      folder,
      ...(methods && {
        methods: methods.map((word) => choose("method", word, policyMethodNames) as PolicyMethodName),
      }),
      say: warn,
      progress: { to: context.stderr },
      clock: context.clock,
      signal: interruption.signal,
    });
    const files = await savePolicyComparison(comparison, folder, { warn });
    return answerOf(comparison, files);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    const text = `Stopped; what is trained is in ${folder}, and the same command goes on.`;
    return { json: { interrupted: true, folder }, text, exitCode: 130 };
  }
}

async function answerOf(comparison: PolicyComparison, files: readonly string[]): Promise<Answer> {
  const { policyComparisonJson, policyComparisonText } = await import("../../app/pusht/index.ts");
  return {
    json: { ...policyComparisonJson(comparison), files },
    text: `${policyComparisonText(comparison)}\n\nLook at:\n${files.map((file) => `  ${file}`).join("\n")}`,
  };
}

/** How much is trained and played. */
function sized({
  budget,
  steps,
  episodes,
}: ComparePoliciesFlags): Pick<ComparePoliciesOptions, "training" | "seeds" | "latencyCount"> {
  const small = budget === "small";
  const count = episodes ?? (small ? 4 : typeof budget === "number" ? 50 : 200);
  const training =
    steps !== undefined
      ? { steps }
      : small
        ? { steps: 60 }
        : typeof budget === "number"
          ? { seconds: trainingShare * budget }
          : undefined;
  return {
    seeds: Array.from({ length: count }, (_, i) => firstSeed + i),
    ...(training && { training }),
    ...(small && { latencyCount: 10 }),
  };
}
