import { describe, expect, test } from "vitest";
import { key } from "../../../src/engine/random/index.ts";
import { type Conditioning, residualMlp } from "../../../src/nn/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { checkLeaves, checkLeavesTwice, shapesOf, sizeOfAll } from "../check.ts";
import { args, asFunction, batchOf, callOf, dependsOn, run, runFresh } from "./model.ts";

const options = { size: 6, hidden: 4, depth: 2, conditionSize: 3, timeSize: 4, timeScale: 5 };

describe.each(["add", "film", "adaln"] as Conditioning[])("residualMlp, %s", (conditioning) => {
  const model = residualMlp({ ...options, conditioning });
  const call = callOf(model, [2, 3, 2], { vector: sample([2, 3], 3) });

  test("has the derivatives of finite differences, first and second", () => {
    checkLeaves(asFunction(model), args(call));
    checkLeavesTwice(asFunction(model), args(call));
  });

  test("depends on x, t and condition", () => {
    expect(dependsOn(model, call, { x: sample([2, 3, 2], 9) })).toBe(true);
    expect(dependsOn(model, call, { t: batchOf([0.3, 0.4]) })).toBe(true);
    expect(dependsOn(model, call, { condition: { vector: sample([2, 3], 9) } })).toBe(true);
  });

  test("begins with blocks that are the identity, so that depth does not matter", () => {
    const deep = residualMlp({ ...options, conditioning, depth: 5 });
    expect(runFresh(deep, callOf(deep, [2, 3, 2], call.condition))).toEqual(runFresh(model, call));
  });

  test("has the names of its modules", () => {
    const outputs = { add: 8, film: 8, adaln: 12 }[conditioning];
    const norm = conditioning === "adaln" ? [] : ["norm.weight [4]", "norm.bias [4]"];
    const block = [
      ...norm,
      "linear1.weight [8,4]",
      "linear1.bias [8]",
      "linear2.weight [4,8]",
      "linear2.bias [4]",
      `told.weight [${outputs},7]`,
      `told.bias [${outputs}]`,
    ];
    expect(shapesOf(model.init(key(1)))).toEqual([
      "time.0.weight [4,4]",
      "time.0.bias [4]",
      "time.2.weight [4,4]",
      "time.2.bias [4]",
      "input.weight [4,9]",
      "input.bias [4]",
      ...[0, 1].flatMap((i) => block.map((name) => `blocks.${i}.${name}`)),
      "norm.weight [4]",
      "norm.bias [4]",
      "output.weight [6,4]",
      "output.bias [6]",
    ]);
  });
});

test("without a condition only the time is told", () => {
  const model = residualMlp({ size: 2, hidden: 4, depth: 1, timeScale: 5, timeSize: 4 });
  const call = callOf(model, [3, 2]);
  checkLeaves(asFunction(model), args(call));
  expect(() => run(model, { ...call, condition: { vector: sample([3, 1], 1) } })).toThrow(
    "residualMlp: expected no condition vector",
  );
});

test("256 x 4 on PushT's chunk and keypoints has the size of the recipe, 1.7 M", () => {
  expect(sizeOfAll(residualMlp({ size: 32, conditionSize: 40 }).init(key(1)))).toBe(1_771_808);
});
