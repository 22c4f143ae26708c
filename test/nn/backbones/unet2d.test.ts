import { describe, expect, test } from "vitest";
import { array } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { input, mapTree } from "../../../src/engine/tensor/index.ts";
import { unet2d } from "../../../src/nn/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { checkLeaves, checkLeavesTwice, shapesOf, sizeOfAll } from "../check.ts";
import { args, asFunction, batchOf, callOf, dependsOn, run, runFresh } from "./model.ts";

const options = {
  shape: [2, 4, 8] as const,
  widths: [2, 4],
  groups: 2,
  heads: 2,
  attentionAt: [2],
  timeScale: 5,
  conditionSize: 3,
  classes: 4,
};
const model = unet2d(options);
const condition = { vector: sample([2, 3], 3), labels: array([1, 4], "int32") };
const call = callOf(model, [2, 2, 4, 8], condition);

describe("unet2d", () => {
  test("has the derivatives of finite differences", () => {
    checkLeaves(asFunction(model), args(call));
  });

  test("with more blocks and without attention, too", () => {
    const plain = unet2d({ shape: [1, 4, 4], widths: [2, 4], groups: 1, blocksPerLevel: 2, timeScale: 5 });
    checkLeaves(asFunction(plain), args(callOf(plain, [1, 1, 4, 4])));
  });

  test("has the second derivatives of finite differences", () => {
    const tiny = unet2d({ shape: [1, 2, 2], widths: [2], groups: 1, timeScale: 5 });
    checkLeavesTwice(asFunction(tiny), args(callOf(tiny, [1, 1, 2, 2])));
  });

  test("depends on x, t, vector and labels", () => {
    expect(run(model, call).shape).toEqual([2, 2, 4, 8]);
    expect(dependsOn(model, call, { x: sample([2, 2, 4, 8], 9) })).toBe(true);
    expect(dependsOn(model, call, { t: batchOf([0.3, 0.4]) })).toBe(true);
    expect(dependsOn(model, call, { condition: { ...condition, vector: sample([2, 3], 9) } })).toBe(true);
    expect(dependsOn(model, call, { condition: { ...condition, labels: array([0, 4], "int32") } })).toBe(
      true,
    );
  });

  test("begins at zero", () => {
    expect(runFresh(model, call).data.every((value) => value === 0)).toBe(true);
  });

  test.each([[28], [32]])("accepts images of %d pixels at the default widths", (size) => {
    const images = unet2d({ shape: [1, size, size], classes: 10, attentionAt: [size / 4] });
    const values = images.init(key(1));
    const params = mapTree(values, ({ shape }) => input("p", { shape, dtype: "float32" }));
    const float = (shape: number[]) => input("a", { shape, dtype: "float32" });
    const y = images.apply(
      params as never,
      float([3, 1, size, size]),
      float([3]),
      input("l", { shape: [3], dtype: "int32" }),
    );
    expect(y.shape).toEqual([3, 1, size, size]);
    expect(values.down["2"]!.attn!["0"]!.attn.in_proj_weight!.shape).toEqual([768, 256]);
    expect(values.down["1"]!.attn).toBeUndefined();
  });

  test("has the names of its modules", () => {
    const residual = (path: string, inputs: number, outputs: number) => [
      `${path}.norm1.weight [${inputs}]`,
      `${path}.norm1.bias [${inputs}]`,
      `${path}.conv1.weight [${outputs},${inputs},3,3]`,
      `${path}.conv1.bias [${outputs}]`,
      `${path}.temb_proj.weight [${2 * outputs},8]`,
      `${path}.temb_proj.bias [${2 * outputs}]`,
      `${path}.norm2.weight [${outputs}]`,
      `${path}.norm2.bias [${outputs}]`,
      `${path}.conv2.weight [${outputs},${outputs},3,3]`,
      `${path}.conv2.bias [${outputs}]`,
      ...(inputs === outputs
        ? []
        : [
            `${path}.nin_shortcut.weight [${outputs},${inputs},1,1]`,
            `${path}.nin_shortcut.bias [${outputs}]`,
          ]),
    ];
    const attention = (path: string) => [
      `${path}.norm.weight [4]`,
      `${path}.norm.bias [4]`,
      `${path}.attn.in_proj_weight [12,4]`,
      `${path}.attn.in_proj_bias [12]`,
      `${path}.attn.out_proj.weight [4,4]`,
      `${path}.attn.out_proj.bias [4]`,
    ];
    const expected = [
      "condition.time.0.weight [8,2]",
      "condition.time.0.bias [8]",
      "condition.time.2.weight [8,8]",
      "condition.time.2.bias [8]",
      "condition.vector.weight [8,3]",
      "condition.vector.bias [8]",
      "condition.labels.weight [5,8]",
      "conv_in.weight [2,2,3,3]",
      "conv_in.bias [2]",
      ...residual("down.0.block.0", 2, 2),
      "down.0.downsample.conv.weight [2,2,3,3]",
      "down.0.downsample.conv.bias [2]",
      ...residual("down.1.block.0", 2, 4),
      ...attention("down.1.attn.0"),
      ...residual("mid.block_1", 4, 4),
      ...attention("mid.attn_1"),
      ...residual("mid.block_2", 4, 4),
      ...residual("up.0.block.0", 4, 2),
      ...residual("up.1.block.0", 8, 4),
      ...attention("up.1.attn.0"),
      "up.1.upsample.conv.weight [4,2,4,4]",
      "up.1.upsample.conv.bias [2]",
      "norm_out.weight [2]",
      "norm_out.bias [2]",
      "conv_out.weight [2,2,3,3]",
      "conv_out.bias [2]",
    ];
    expect(shapesOf(model.init(key(1))).sort()).toEqual(expected.sort());
  });

  test("64/128/256 has 7.7 M parameters", () => {
    expect(sizeOfAll(unet2d({ shape: [3, 32, 32] }).init(key(1)))).toBe(7_734_019);
  });

  test("images that cannot be halved and wrong shapes are named", () => {
    expect(() => unet2d({ shape: [3, 30, 32] })).toThrow(
      "unet2d: expected a height and width that 4 divides, for 3 levels, got [30, 32]. Pad the images",
    );
    expect(() => unet2d({ shape: [3, 32, 32], attentionAt: [7] })).toThrow(
      "unet2d: expected attentionAt to be among the heights of the levels, [32,16,8], got [7].",
    );
    expect(() => run(model, { ...call, x: sample([2, 2, 8, 8], 1) })).toThrow(
      "unet2d: expected x of shape [batch, 2,4,8]",
    );
    expect(() => run(model, { ...call, condition: {} })).toThrow(
      "unet2d: expected a condition vector of shape [2,3], got none.",
    );
  });
});
