import { describe, expect, test } from "vitest";
import { checkPolicyRecipe, isPolicyRecipe, readPolicyRecipe, recipeText } from "../../../src/app/index.ts";
import { filesUnder, read } from "../../project/sources.ts";

const plain = "kind: policy\ndata: pusht\n";

describe("the recipe of a policy", () => {
  const shipped = filesUnder("recipes", ".yaml").filter((file) => isPolicyRecipe(read(file)));

  test.each(shipped)("%s is one, and stays the same through YAML and JSON", (file) => {
    const recipe = readPolicyRecipe(read(file), { where: file, name: "n", folder: "recipes" });
    expect(readPolicyRecipe(recipeText(recipe))).toEqual(recipe);
    expect(checkPolicyRecipe(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe);
  });

  test("decides what was left open", () => {
    const { method, model, training, name, ...rest } = readPolicyRecipe(plain, { name: "t" });
    expect({ method, model, steps: training.steps, name }).toEqual({
      method: { kind: "flow" },
      model: { kind: "unet1d" },
      steps: 4000,
      name: "t",
    });
    expect(rest).toMatchObject({ obsHorizon: 2, horizon: 16, executeSteps: 8, start: "noise" });
  });

  test("sees its data from the folder that it is in, and --set from here", () => {
    const text = "kind: policy\ndata: { kind: episodes, path: ../mine }\n";
    expect(readPolicyRecipe(text, { folder: "a/b" }).data).toMatchObject({ path: "a/mine" });
    expect(readPolicyRecipe(text, { folder: "a/b", set: ["data.path=here"] }).data).toMatchObject({
      path: "here",
    });
  });

  test.each([
    [
      `${plain}method: { kind: flow, step: 3 }\n`,
      "my.yaml:3:23: method.step: expected a key that there is, got step",
    ],
    [`${plain}method: flows\n`, "Did you mean flow?"],
    [`${plain}executeSteps: 20\n`, "executeSteps: expected at most the horizon, 16, got 20"],
    [`${plain}method: regression\ncoupling: exactOT\n`, "no noise to pair"],
    [`${plain}baseline: true\n`, "training.validation"],
    [`${plain}training: { steps: 3, seconds: 3 }\n`, "either steps or seconds"],
    [`${plain}coupling: classwiseOT\n`, "without classes"],
  ])("%j is refused: %s", (text, message) => {
    expect(() => readPolicyRecipe(text, { where: "my.yaml" })).toThrow(message);
  });
});
