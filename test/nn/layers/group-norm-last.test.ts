import { expect, test } from "vitest";
import { type NdArray, ndarray } from "../../../src/engine/array/index.ts";
import { interpret, moveAxis, type Tensor } from "../../../src/engine/tensor/index.ts";
import { groupNormLast } from "../../../src/nn/layers/group-norm-last.ts";
import { groupNorm } from "../../../src/nn/layers/norm.ts";
import { checkGradient, sample } from "../../helpers/gradcheck.ts";

const shapes = [
  { shape: [2, 5, 6], groups: 3 },
  { shape: [1, 3, 2, 4], groups: 4 },
  { shape: [3, 1, 8], groups: 1 },
];

const fewPasses = (groups: number) => (x: Tensor, a: Tensor, b: Tensor) =>
  groupNormLast(x, { groups, epsilon: 1e-5, a, b });

const textbook =
  ({ shape, groups }: (typeof shapes)[number]) =>
  (x: Tensor, weight: Tensor, bias: Tensor) => {
    const channels = shape.at(-1)!;
    const layer = groupNorm({ groups, channels, layout: "channels-first" });
    return moveAxis(layer.apply({ weight, bias }, moveAxis(x, -1, 1)), 1, -1);
  };

test.each(shapes)("is group normalisation for $shape in $groups groups", ({ shape, groups }) => {
  const channels = shape.at(-1)!;
  const args = [sample(shape, 1), sample([channels], 2), sample([channels], 3)] as const;
  const few = interpret(fewPasses(groups), ...args).data;
  const many = interpret(textbook({ shape, groups }), ...args).data;
  for (const [i, value] of few.entries()) expect(value).toBeCloseTo(many[i]!, 12);
});

test.each(shapes)("has the gradient that finite differences show for $shape", ({ shape, groups }) => {
  const channels = shape.at(-1)!;
  checkGradient(fewPasses(groups), [
    sample(shape, 1),
    sample([shape[0]!, channels], 2),
    sample([channels], 3),
  ]);
});

test("a mean far above the spread costs no digits", () => {
  const x = sample([2, 6, 4], 1);
  const far: NdArray = ndarray(
    Float64Array.from(x.data, (value) => value + 1e6),
    x.shape,
    "float64",
  );
  const near = interpret((v: Tensor) => groupNormLast(v, { groups: 2, epsilon: 1e-5 }), x).data;
  const shifted = interpret((v: Tensor) => groupNormLast(v, { groups: 2, epsilon: 1e-5 }), far).data;
  for (const [i, value] of near.entries()) expect(shifted[i]).toBeCloseTo(value, 7);
});
