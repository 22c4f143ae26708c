import { describe, expect, test } from "vitest";
import { array } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { declarations, input, interpret, mapTree, type Tensor } from "../../../src/engine/tensor/index.ts";
import { tokensOf } from "../../../src/nn/backbones/tokens.ts";
import { dit } from "../../../src/nn/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { checkLeaves, checkLeavesTwice, shapesOf, sizeOfAll } from "../check.ts";
import { args, asFunction, batchOf, callOf, dependsOn, run, runFresh } from "./model.ts";

const small = { hidden: 8, depth: 2, heads: 2, expansion: 2, timeScale: 5 };
const labels = array([1, 3], "int32");
const vector = sample([2, 3], 3);

const variants = [
  {
    name: "sequence",
    options: { ...small, shape: [4, 3], patch: 2, conditionSize: 3 },
    condition: { vector },
  },
  {
    name: "image",
    options: { ...small, shape: [2, 4, 6], patch: 2, classes: 3, positions: "sinusoidal" as const },
    condition: { labels },
  },
  {
    name: "both conditions",
    options: { ...small, shape: [4, 3], conditionSize: 3, classes: 3 },
    condition: { vector, labels },
  },
];

describe.each(variants)("dit, $name", ({ options, condition }) => {
  const model = dit(options);
  const call = callOf(model, [2, ...options.shape], condition);

  test("has the derivatives of finite differences", () => {
    checkLeaves(asFunction(model), args(call));
  });

  test("depends on x, t, condition and place", () => {
    expect(dependsOn(model, call, { x: sample([2, ...options.shape], 9) })).toBe(true);
    expect(dependsOn(model, call, { t: batchOf([0.3, 0.4]) })).toBe(true);
    if ("labels" in condition) {
      expect(dependsOn(model, call, { condition: { ...condition, labels: array([3, 3], "int32") } })).toBe(
        true,
      );
    }
    if ("vector" in condition) {
      expect(dependsOn(model, call, { condition: { ...condition, vector: sample([2, 3], 9) } })).toBe(true);
    }
    const flat = { ...call.x, data: Float64Array.from(call.x.data, () => 0.7) };
    const [first, second] = [0, 1].map(
      (i) => run(model, { ...call, x: flat }).data[i * options.shape.at(-1)!],
    );
    expect(first).not.toBeCloseTo(second!, 6);
  });

  test("begins at zero, as adaLN-Zero says", () => {
    expect(runFresh(model, call).data.every((value) => value === 0)).toBe(true);
  });
});

test("second derivatives are those of finite differences", () => {
  const model = dit({ ...small, shape: [3, 2], depth: 1 });
  checkLeavesTwice(asFunction(model), args(callOf(model, [2, 3, 2])));
});

test("tokens go back where they came from, and hold neighbours", () => {
  const x = sample([2, 3, 4, 6], 1);
  const { back, tokens } = interpret((a: Tensor) => {
    const patches = tokensOf([3, 4, 6], 2);
    return { tokens: patches.cut(a), back: patches.join(patches.cut(a)) };
  }, x);
  expect(back.data).toEqual(x.data);
  expect(tokens.shape).toEqual([2, 6, 12]);
  const at = (channel: number, row: number, column: number) => x.data[(channel * 4 + row) * 6 + column]!;
  const token = (i: number) => [...tokens.data.slice(12 * i, 12 * i + 4)];
  expect(token(0)).toEqual([at(0, 0, 0), at(0, 0, 1), at(0, 1, 0), at(0, 1, 1)]);
  expect(token(4)).toEqual([at(0, 2, 2), at(0, 2, 3), at(0, 3, 2), at(0, 3, 3)]);
});

test("the sinusoidal positions of an image differ between all places", () => {
  const { data } = interpret(
    (a: Tensor) => tokensOf([1, 3, 4], 1).positions(8, "float64").add(a),
    array([0], "float64"),
  );
  const rows = Array.from({ length: 12 }, (_, i) => data.slice(8 * i, 8 * i + 8).join());
  expect(new Set(rows).size).toBe(12);
  expect(data.slice(0, 4)).toEqual(data.slice(8, 12)); // the first half tells the row
  expect(data.slice(4, 8)).toEqual(data.slice(36, 40)); // the second the column
});

test("has the names of its modules, with a last label for none", () => {
  const block = (i: number) => [
    `blocks.${i}.attn.in_proj_weight [24,8]`,
    `blocks.${i}.attn.in_proj_bias [24]`,
    `blocks.${i}.attn.out_proj.weight [8,8]`,
    `blocks.${i}.attn.out_proj.bias [8]`,
    `blocks.${i}.mlp.fc1.weight [16,8]`,
    `blocks.${i}.mlp.fc1.bias [16]`,
    `blocks.${i}.mlp.fc2.weight [8,16]`,
    `blocks.${i}.mlp.fc2.bias [8]`,
    `blocks.${i}.adaLN_modulation.1.weight [48,8]`,
    `blocks.${i}.adaLN_modulation.1.bias [48]`,
  ];
  expect(
    shapesOf(dit({ ...small, shape: [4, 3], patch: 2, conditionSize: 3, classes: 10 }).init(key(1))),
  ).toEqual([
    "x_embedder.weight [8,6]",
    "x_embedder.bias [8]",
    "positions.weight [2,8]",
    "condition.time.0.weight [8,8]",
    "condition.time.0.bias [8]",
    "condition.time.2.weight [8,8]",
    "condition.time.2.bias [8]",
    "condition.vector.weight [8,3]",
    "condition.vector.bias [8]",
    "condition.labels.weight [11,8]",
    ...block(0),
    ...block(1),
    "final_layer.linear.weight [6,8]",
    "final_layer.linear.bias [6]",
    "final_layer.adaLN_modulation.1.weight [16,8]",
    "final_layer.adaLN_modulation.1.bias [16]",
  ]);
});

test("draws a dropout for attention and MLP of every block", () => {
  const model = dit({ ...small, shape: [4, 3], dropout: 0.1 });
  const params = mapTree(model.init(key(1)), ({ shape }) => input("p", { shape, dtype: "float32" }));
  const { draw, declared } = declarations();
  const float = (shape: number[]) => input("a", { shape, dtype: "float32" });
  model.apply(params as never, float([2, 4, 3]), float([2]), undefined, draw);
  expect(declared.map(({ attributes }) => attributes.name)).toEqual([
    "blocks.0/attn",
    "blocks.0/mlp",
    "blocks.1/attn",
    "blocks.1/mlp",
  ]);
});

test("4 x 256 on 16 tokens has 5.0 M parameters", () => {
  expect(sizeOfAll(dit({ shape: [16, 7] }).init(key(1)))).toBe(5_005_063);
});

test("patches that do not fit and wrong shapes are named", () => {
  expect(() => dit({ shape: [5, 3], patch: 2 })).toThrow("whose lengths the patch (2) divides, got [5, 3].");
  expect(() => dit({ shape: [3] })).toThrow(
    "dit: expected a shape [length, size] or [channels, height, width]",
  );
  const model = dit({ ...small, shape: [4, 3] });
  expect(() => run(model, callOf(model, [2, 5, 3]))).toThrow(
    "dit: expected x of shape [batch, 4,3], got [2, 5, 3].",
  );
});
