import { describe, expect, test } from "vitest";
import { key } from "../../../src/engine/random/index.ts";
import { type FilmKind, unet1d } from "../../../src/nn/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { checkLeaves, checkLeavesTwice, shapesOf, sizeOfAll } from "../check.ts";
import { args, asFunction, batchOf, callOf, dependsOn, run } from "./model.ts";

const options = { size: 2, widths: [4, 6, 8], kernel: 3, groups: 2, timeSize: 4, timeScale: 5 };
const vector = sample([2, 3], 3);

describe.each([
  { film: "scale-and-bias" as FilmKind, blocksPerLevel: 2 as const, widths: [4, 6] },
  { film: "bias" as FilmKind, blocksPerLevel: 1 as const, widths: [4, 6, 8] },
])("unet1d, $film, $blocksPerLevel a level", (variant) => {
  const model = unet1d({ ...options, ...variant, conditionSize: 3 });
  const call = callOf(model, [2, 8, 2], { vector });

  test("has the derivatives of finite differences", () => {
    checkLeaves(asFunction(model), args(call));
  });

  test("depends on x, t and condition, and keeps the shape of x", () => {
    expect(run(model, call).shape).toEqual([2, 8, 2]);
    expect(dependsOn(model, call, { x: sample([2, 8, 2], 9) })).toBe(true);
    expect(dependsOn(model, call, { t: batchOf([0.3, 0.4]) })).toBe(true);
    expect(dependsOn(model, call, { condition: { vector: sample([2, 3], 9) } })).toBe(true);
  });
});

test("second derivatives are those of finite differences", () => {
  const model = unet1d({ ...options, widths: [2], blocksPerLevel: 1 });
  checkLeavesTwice(asFunction(model), args(callOf(model, [1, 3, 2])));
});

test("a sample does not see the others of its batch", () => {
  const model = unet1d(options);
  const call = callOf(model, [2, 8, 2]);
  const both = run(model, call).data;
  const first = {
    shape: [1, 8, 2],
    dtype: "float64",
    data: (call.x.data as Float64Array).slice(0, 16),
  } as const;
  const alone = run(model, { ...call, x: first, t: batchOf([call.t.data[0]!]) }).data;
  alone.forEach((value, i) => expect(both[i]).toBeCloseTo(value, 10));
});

const convBlock = (path: string, inputs: number, outputs: number, kernel = 5) => [
  `${path}.block.0.weight [${outputs},${inputs},${kernel}]`,
  `${path}.block.0.bias [${outputs}]`,
  `${path}.block.1.weight [${outputs}]`,
  `${path}.block.1.bias [${outputs}]`,
];

const residual = (path: string, inputs: number, outputs: number) => [
  ...convBlock(`${path}.blocks.0`, inputs, outputs),
  ...convBlock(`${path}.blocks.1`, outputs, outputs),
  `${path}.cond_encoder.1.weight [${2 * outputs},21]`,
  `${path}.cond_encoder.1.bias [${2 * outputs}]`,
  ...(inputs === outputs
    ? []
    : [`${path}.residual_conv.weight [${outputs},${inputs},1]`, `${path}.residual_conv.bias [${outputs}]`]),
];

const resample = (path: string, width: number, kernel: number) => [
  `${path}.conv.weight [${width},${width},${kernel}]`,
  `${path}.conv.bias [${width}]`,
];

test("has the names and layouts of diffusion policy's ConditionalUnet1D", () => {
  const model = unet1d({ size: 2, widths: [8, 16, 24], timeSize: 16, conditionSize: 5 });
  const expected = [
    "diffusion_step_encoder.1.weight [64,16]",
    "diffusion_step_encoder.1.bias [64]",
    "diffusion_step_encoder.3.weight [16,64]",
    "diffusion_step_encoder.3.bias [16]",
    ...residual("down_modules.0.0", 2, 8),
    ...residual("down_modules.0.1", 8, 8),
    ...resample("down_modules.0.2", 8, 3),
    ...residual("down_modules.1.0", 8, 16),
    ...residual("down_modules.1.1", 16, 16),
    ...resample("down_modules.1.2", 16, 3),
    ...residual("down_modules.2.0", 16, 24),
    ...residual("down_modules.2.1", 24, 24),
    ...residual("mid_modules.0", 24, 24),
    ...residual("mid_modules.1", 24, 24),
    ...residual("up_modules.0.0", 48, 16),
    ...residual("up_modules.0.1", 16, 16),
    ...resample("up_modules.0.2", 16, 4),
    ...residual("up_modules.1.0", 32, 8),
    ...residual("up_modules.1.1", 8, 8),
    ...resample("up_modules.1.2", 8, 4),
    ...convBlock("final_conv.0", 8, 8),
    "final_conv.1.weight [2,8,1]",
    "final_conv.1.bias [2]",
  ];
  expect(shapesOf(model.init(key(1))).sort()).toEqual(expected.sort());
});

test("32/64/128 with two blocks has the size of the PushT recipe, 1.18 M", () => {
  const model = unet1d({ size: 2, widths: [32, 64, 128], timeSize: 64, conditionSize: 40 });
  expect(sizeOfAll(model.init(key(1)))).toBe(1_180_002);
});

test("lengths that cannot be halved, even kernels and wrong sizes are named", () => {
  const model = unet1d(options);
  expect(() => run(model, callOf(model, [2, 6, 2]))).toThrow(
    "unet1d: expected a length that 4 divides, for 3 levels, got 6.",
  );
  expect(() => run(model, callOf(model, [2, 8, 3]))).toThrow("unet1d: expected x of shape [batch, 8,2]");
  expect(() => unet1d({ ...options, kernel: 4 })).toThrow(
    "unet1d: expected an odd kernel, which keeps the length, got 4.",
  );
  expect(() => unet1d({ ...options, groups: 3 })).toThrow(
    "groupNorm: expected channels to be a multiple of groups (3)",
  );
});
