import type { Fault } from "./faults.ts";
import type { MethodWords, PathWords } from "./flow.ts";
import type { SolverWords } from "./sampling.ts";
import type { ImagesRecipe, PointsRecipe, Recipe } from "./schema.ts";

type Completed<R extends Recipe> = R & {
  readonly name: string;
  readonly path: PathWords;
  readonly sampling: R["sampling"] & {
    readonly solver: SolverWords;
    readonly steps: number;
    readonly count: number;
  };
};

/** A recipe with everything decided that depends on its other words. */
export type CompletePoints = Completed<PointsRecipe>;
export type CompleteImages = Completed<ImagesRecipe>;
export type CompleteRecipe = CompletePoints | CompleteImages;

/** Decides what was left open: the path by the method, the solver and its steps by both. */
export function completed(recipe: Recipe, name: string): CompleteRecipe {
  const { method, sampling, training } = recipe;
  const path = recipe.path ?? { kind: method.kind === "diffusionMatching" ? "linearBetas" : "condOT" };
  const solver = sampling.solver ?? { kind: usualSolver(method) };
  const steps = sampling.steps ?? usualSteps(solver);
  const count = sampling.count ?? (recipe.kind === "images" ? 100 : 2000);
  const length = training.steps === undefined && training.seconds === undefined ? { steps: 4000 } : {};
  return {
    ...recipe,
    name: recipe.name ?? name,
    path,
    training: { ...training, ...length },
    sampling: { ...sampling, solver, steps, count },
  } as CompleteRecipe;
}

const jumps = (method: MethodWords) => method.kind === "meanFlow" || method.kind === "shortcut";

function usualSolver(method: MethodWords): "jump" | "ddim" | "midpoint" {
  if (jumps(method)) return "jump";
  return method.kind === "diffusionMatching" ? "ddim" : "midpoint";
}

function usualSteps({ kind }: SolverWords): number {
  if (kind === "jump") return 1;
  if (kind === "ddpm" || kind === "eulerMaruyama" || kind === "stochasticHeun") return 200;
  return kind === "ddim" ? 50 : 25;
}

/** What the words of a recipe, each possible, cannot be together. */
export function contradictions(recipe: CompleteRecipe): Fault[] {
  const { method, sampling, training, coupling } = recipe;
  const solver = sampling.solver.kind;
  const conditional = isConditional(recipe);
  const rules: readonly (readonly [broken: boolean, fault: Fault])[] = [
    [
      training.steps !== undefined && training.seconds !== undefined,
      fault("training.seconds", "either steps or seconds", "both", "Remove one of them."),
    ],
    [
      jumps(method) !== (solver === "jump"),
      fault(
        "sampling.solver",
        jumps(method) ? `jump, as ${method.kind} learns average velocities` : "a solver for velocities",
        solver,
        jumps(method) ? "Leave sampling.solver out." : "jump is for meanFlow and shortcut.",
      ),
    ],
    [
      !conditional && sampling.guidance !== undefined,
      fault("sampling.guidance", "data with labels or a condition", "data without", "Leave guidance out."),
    ],
    [
      !conditional && (coupling.kind === "classwiseOT" || coupling.kind === "conditionalOT"),
      fault("coupling", "data with labels or a condition", coupling.kind, "Use exactOT."),
    ],
    [
      sampling.guidance?.interval !== undefined &&
        sampling.guidance.interval[0] > sampling.guidance.interval[1],
      fault(
        "sampling.guidance.interval",
        "from <= to",
        sampling.guidance?.interval,
        "0 is noise, 1 is data.",
      ),
    ],
    [
      recipe.kind === "points" && recipe.source !== undefined && !fromData(method, solver),
      fault(
        "source",
        "a method that starts from data: flowMatching or reflow, with an ordinary solver",
        method.kind,
      ),
    ],
    [
      (recipe.path.kind.endsWith("Betas") || method.kind === "diffusionMatching") &&
        method.kind === "bridgeMatching",
      fault("path", "condOT or another path of flows", recipe.path.kind),
    ],
    [
      (solver === "ddim" || solver === "ddpm") && method.kind === "bridgeMatching",
      fault(
        "sampling.solver",
        "a solver for ordinary or stochastic equations",
        solver,
        "Use midpoint or eulerMaruyama.",
      ),
    ],
  ];
  return rules.flatMap(([broken, found]) => (broken ? [found] : []));
}

function fault(path: string, expected: string, got: unknown, fix?: string): Fault {
  return { path: path.split("."), expected, got, fix };
}

function fromData(method: MethodWords, solver: string): boolean {
  const velocity =
    method.kind === "reflow" || (method.kind === "flowMatching" && method.prediction !== "noise");
  return velocity && !/ddim|ddpm|eulerMaruyama|stochasticHeun/.test(solver);
}

/** Whether the model is told something about each sample. */
export function isConditional(recipe: Recipe): boolean {
  return recipe.kind === "images" || (recipe.data.kind === "file" && recipe.data.condition !== undefined);
}
