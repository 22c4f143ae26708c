import { describe, expect, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import { imageEncoder, spatialSoftmax } from "../../../src/nn/index.ts";
import { checkGradient, sample } from "../../helpers/gradcheck.ts";
import { checkLeaves, scrambled, shapesOf, sizeOfAll } from "../check.ts";

const options = {
  shape: [2, 8, 7] as const,
  features: 3,
  widths: [2, 4],
  groups: 2,
  blocksPerStage: 1,
  stemKernel: 3,
};

describe.each(["mean", "spatialSoftmax"] as const)("imageEncoder, %s", (pool) => {
  const encoder = imageEncoder({ ...options, pool, keypoints: 3 });
  type P = Parameters<typeof encoder.apply>[0];
  const params = scrambled(encoder.init(key(1)));

  test("has the derivatives of finite differences", () => {
    checkLeaves((p: P, x: Tensor) => encoder.apply(p, x), [params, sample([2, 2, 8, 7], 1)]);
  });

  test("sees all of the image: every pixel changes the features", () => {
    const x = sample([1, 2, 8, 7], 1);
    const features = (data: Float64Array) =>
      interpret((p: P, a: Tensor) => encoder.apply(p, a), params, ndarray(data, x.shape, "float64")).data;
    const before = features(x.data);
    for (const pixel of [0, 6, 49, 55, 56 + 30]) {
      expect(features(x.data.map((v, i) => (i === pixel ? v + 1 : v)))).not.toEqual(before);
    }
  });
});

test("the spatial softmax finds a peak, x before y, with the corners at -1 and 1", () => {
  const maps = new Float64Array(3 * 5 * 2);
  maps[(2 * 5 + 0) * 2] = 60; // first map: bottom left
  maps[(1 * 5 + 3) * 2 + 1] = 60; // second map: middle row, fourth column
  const y = interpret(spatialSoftmax, ndarray(maps, [1, 3, 5, 2], "float64")).data;
  [-1, 1, 0.5, 0].forEach((expected, i) => expect(y[i]).toBeCloseTo(expected, 10));
  checkGradient(spatialSoftmax, [sample([2, 3, 4, 2], 1)]);
});

test("has torchvision's names inside the blocks", () => {
  const values = imageEncoder({ ...options, pool: "spatialSoftmax", keypoints: 5 }).init(key(1));
  const norm = (path: string, width: number) => [`${path}.weight [${width}]`, `${path}.bias [${width}]`];
  const expected = [
    "conv1.weight [2,2,3,3]",
    ...norm("bn1", 2),
    "stages.0.0.conv1.weight [2,2,3,3]",
    ...norm("stages.0.0.bn1", 2),
    "stages.0.0.conv2.weight [2,2,3,3]",
    ...norm("stages.0.0.bn2", 2),
    "stages.1.0.conv1.weight [4,2,3,3]",
    ...norm("stages.1.0.bn1", 4),
    "stages.1.0.conv2.weight [4,4,3,3]",
    ...norm("stages.1.0.bn2", 4),
    "stages.1.0.downsample.0.weight [4,2,1,1]",
    ...norm("stages.1.0.downsample.1", 4),
    "keypoints.weight [5,4,1,1]",
    "keypoints.bias [5]",
    "fc.weight [3,10]",
    "fc.bias [3]",
  ];
  expect(shapesOf(values).sort()).toEqual(expected.sort());
});

test("the default is ResNet-18 in size: 11.2 M parameters with 64 features", () => {
  // torchvision's resnet18 has 11,689,512, of which 513,000 in its fc; here fc has 512 * 64 + 64
  const encoder = imageEncoder({ shape: [3, 96, 96], features: 64 });
  expect(sizeOfAll(encoder.init(key(1)))).toBe(11_689_512 - 513_000 + 512 * 64 + 64);
});

test("images of another shape are named", () => {
  const encoder = imageEncoder(options);
  const run = () =>
    interpret(
      (p: Parameters<typeof encoder.apply>[0], x: Tensor) => encoder.apply(p, x),
      scrambled(encoder.init(key(1))),
      sample([2, 2, 7, 8], 1),
    );
  expect(run).toThrow("imageEncoder: expected x of shape [batch, 2,8,7], got [2, 2, 7, 8].");
});
