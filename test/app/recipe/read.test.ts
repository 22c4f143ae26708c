import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isPolicyRecipe } from "../../../src/app/policy/index.ts";
import { checkRecipe, type ReadOptions, readRecipe, recipeText } from "../../../src/app/recipe/index.ts";
import { AdvectError } from "../../../src/engine/error.ts";
import { filesUnder, read } from "../../project/sources.ts";

const plain = "kind: points\ndata: twoMoons\n";

function refusal(text: string, options: ReadOptions = {}): AdvectError {
  try {
    readRecipe(text, { where: "my.yaml", ...options });
  } catch (error) {
    if (error instanceof AdvectError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("a recipe", () => {
  const ofSamples = filesUnder("recipes", ".yaml").filter((file) => !isPolicyRecipe(read(file)));

  test.each(ofSamples)("%s is one, and stays the same through YAML and JSON", (file) => {
    const recipe = readRecipe(read(file), { where: file, name: "n", folder: "recipes" });
    expect(readRecipe(recipeText(recipe))).toEqual(recipe);
    expect(checkRecipe(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe);
  });

  test("decides what was left open by its other words", () => {
    const { path, sampling, training, name } = readRecipe(plain, { name: "moons" });
    expect({ path, solver: sampling.solver, steps: training.steps, name }).toEqual({
      path: { kind: "condOT" },
      solver: { kind: "midpoint" },
      steps: 4000,
      name: "moons",
    });
    const diffusion = readRecipe(`${plain}method: diffusionMatching\n`);
    expect([diffusion.path.kind, diffusion.sampling.solver.kind]).toEqual(["linearBetas", "ddim"]);
    expect(readRecipe(`${plain}method: meanFlow\n`).sampling).toMatchObject({
      solver: { kind: "jump" },
      steps: 1,
    });
  });

  test("takes a word for an object, and a number for a rate", () => {
    const recipe = readRecipe(`${plain}training: { learningRate: 0.01, ema: 0.9 }\nmodel: residualMlp\n`);
    expect(recipe.training.learningRate).toEqual({ kind: "constant", rate: 0.01 });
    expect(recipe.training.ema).toEqual({ kind: "warmup", decay: 0.9 });
    expect(recipe.model).toEqual({ kind: "residualMlp" });
  });

  test("sees the paths of its data from the folder that it is in", () => {
    const text = "kind: points\ndata: { kind: file, path: ../data/rows.npy }\n";
    expect(readRecipe(text, { folder: "a/b" }).data).toEqual({ kind: "file", path: "a/data/rows.npy" });
    expect(readRecipe(text.replace("../", "/"), { folder: "a/b" }).data).toMatchObject({
      path: "/data/rows.npy",
    });
    const set = ["data.path=here.npy"];
    expect(readRecipe(text, { folder: "a/b", set }).data).toMatchObject({ path: "here.npy" });
  });
});

describe("a fault in a recipe is named by line and column", () => {
  test.each([
    [
      "training:\n  stepps: 3\n",
      "my.yaml:4:3: training.stepps: expected a key that there is, got stepps. Did you mean steps?",
    ],
    [
      "model: mpl\n",
      "my.yaml:3:1: model: expected a word that there is, got mpl. There are: mlp, residualMlp.",
    ],
    ["method: flowMaching\n", "Did you mean flowMatching?"],
    ["training: { batch: 1.5 }\n", "my.yaml:3:13: training.batch: expected a whole number, got 1.5."],
    ["training: { batch: 0 }\n", "expected a number >= 1, got 0."],
    ["training: { ema: 2 }\n", "training.ema.decay: expected a number <= 1, got 2."],
    [
      "sampling: { guidance: { scale: 2, interval: [0, 1.5] } }\n",
      "sampling.guidance.interval.1: expected a number <= 1",
    ],
    ["seed: -1\n", "my.yaml:3:1: seed: expected a number >= 0, got -1."],
    ["source: file\n", "source: expected a word that there is, got file."],
    ["normalize: scaled\n", "normalize: expected standardize, or rescale, or none, got scaled."],
    [
      "model:\n",
      "my.yaml:3:1: model: expected a word, or an object with a kind, got nothing. There are: mlp",
    ],
  ])("%j", (text, message) => {
    const error = refusal(plain + text);
    expect(error.kind).toBe("option");
    expect(error.message).toContain(message);
  });

  test("all of them at once, in the order of the text", () => {
    const { message } = refusal("kind: points\ndata: twoMons\nmodel: mpl\ntraining: { stepps: 3 }\n");
    expect(message.split("\n").map((line) => line.split(": ")[0])).toEqual([
      "my.yaml:2:1",
      "my.yaml:3:1",
      "my.yaml:4:13",
    ]);
  });

  test("a kind that is missing or unknown", () => {
    expect(refusal("data: twoMoons\n").message).toContain("There are: points, images.");
    expect(refusal("kind: point\n").message).toContain("Did you mean points?");
    expect(refusal("").message).toContain("my.yaml:1:1: expected a word, or an object with a kind");
  });

  test("text that is no YAML", () => {
    const error = refusal("kind: points\ndata: [\n");
    expect(error.kind).toBe("format");
    expect(error.message).toMatch(/^my\.yaml:\d+:\d+: expected YAML/);
    expect(refusal("a: &a [*a, *a]\nb: *c\n").kind).toBe("format");
  });
});

describe("words that contradict each other", () => {
  test.each([
    ["training: { steps: 3, seconds: 4 }\n", "either steps or seconds"],
    ["method: meanFlow\nsampling: { solver: euler }\n", "jump, as meanFlow learns average velocities"],
    ["sampling: { solver: jump }\n", "a solver for velocities"],
    ["sampling: { guidance: 2 }\n", "data with labels or a condition"],
    ["coupling: classwiseOT\n", "data with labels or a condition"],
    ["source: ring\nmethod: diffusionMatching\n", "a method that starts from data"],
    ["method: { kind: bridgeMatching, sigma: 1 }\npath: linearBetas\n", "condOT or another path of flows"],
  ])("%j are refused", (text, message) => {
    expect(refusal(plain + text).message).toContain(message);
  });
});

describe("values set from outside", () => {
  test("replace the recipe's own, inside of words too, and are checked as those are", () => {
    const set = ["model.hidden=64", "training.steps=7", "method.prediction=target", "seed=3"];
    const recipe = readRecipe(plain, { set });
    expect(recipe.model).toEqual({ kind: "mlp", hidden: 64 });
    expect(recipe.method).toEqual({ kind: "flowMatching", prediction: "target" });
    expect([recipe.training.steps, recipe.seed]).toEqual([7, 3]);
    expect(
      readRecipe(`${plain}training: { steps: 5 }\n`, { set: ["training.seconds=2"] }).training,
    ).not.toHaveProperty("steps");
  });

  test("are named in errors", () => {
    const { message } = refusal(plain, { set: ["training.stes=5"] });
    expect(message).toBe(
      "--set training.stes: training.stes: expected a key that there is, got stes. Did you mean steps?",
    );
    expect(refusal(plain, { set: ["training"] }).message).toContain(
      "--set: expected key=value, got training.",
    );
    expect(refusal(plain, { set: ["__proto__.kind=points"] }).message).toContain("__proto__");
    expect(({} as Record<string, unknown>).kind).toBeUndefined();
  });
});

describe("whatever the text", () => {
  const onlyRefuses = (text: string, set: readonly string[]) => {
    try {
      readRecipe(text, { set });
    } catch (error) {
      expect(error).toBeInstanceOf(AdvectError);
    }
  };

  test("the answer is a recipe or an AdvectError", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => onlyRefuses(text, [])),
      { numRuns: 500 },
    );
    const pieces = [
      "kind",
      "points",
      ": ",
      "\n",
      "  ",
      "{",
      "}",
      "[",
      "]",
      "- ",
      "&a",
      "*a",
      "? ",
      "!!map",
      "'",
      '"',
      "data",
      "twoMoons",
      "~",
      "1e999",
      "training",
      "<<",
    ];
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (yaml) => onlyRefuses(yaml, [])),
      { numRuns: 500 },
    );
  });

  test("so it is for values that are set, of any shape at any place", () => {
    const name = fc.constantFrom(
      "training",
      "steps",
      "model",
      "kind",
      "hidden",
      "data",
      "0",
      "__proto__",
      "constructor",
      "path",
      "",
    );
    const key = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("."));
    const value = fc.oneof(fc.json({ maxDepth: 2 }), fc.string({ maxLength: 12 }));
    const set = fc.tuple(key, value).map(([left, right]) => `${left}=${right}`);
    fc.assert(
      fc.property(fc.array(set, { maxLength: 3 }), (sets) => onlyRefuses(plain, sets)),
      { numRuns: 500 },
    );
  });
});
