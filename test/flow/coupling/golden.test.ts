import { describe, expect, test } from "vitest";
import { type NdArray, takeRows } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { constant, interpretGraph } from "../../../src/engine/tensor/index.ts";
import { independent } from "../../../src/flow/coupling/index.ts";
import { affine, condOT } from "../../../src/flow/path/index.ts";
import { double, expectClose, type GoldenArray, type GoldenCase, goldenFile } from "../../nn/golden-file.ts";

const file = goldenFile("cfm");

/** The variants that are a coupling and the straight path. The others are paths of their own. */
const straight = new Set<unknown>(["independent", "exact_ot"]);

const numbers = (value: unknown): NdArray<"float64"> => double(value as GoldenArray);

describe("golden conditional flow matching", () => {
  for (const golden of file.cases) {
    const { variant } = golden.inputs;
    if (!straight.has(variant)) {
      console.warn(`golden cfm: "${golden.name}" is skipped, since ${variant} is no coupling`);
      test.skip(golden.name, () => {});
      continue;
    }
    test(`${golden.name}: mean and velocity of the pairs`, () => expectMeanAndVelocity(golden));
  }

  test("has all its cases, and names what it skips", () => {
    const skipped = file.cases.filter(({ inputs }) => !straight.has(inputs.variant));
    expect(file.cases).toHaveLength(18);
    expect(new Set(skipped.map(({ inputs }) => inputs.variant))).toEqual(
      new Set(["target", "schrodinger_bridge", "variance_preserving"]),
    );
  });
});

/** The file's rows are pairs already; its noise of scale sigma, and what follows from it, belong to other paths. */
function expectMeanAndVelocity({ inputs, expected }: GoldenCase): void {
  const x0 = numbers(inputs.x0);
  const x1 = numbers(inputs.x1);
  const { source, target } = independent().pair({ x0, x1, key: key(0) });
  const { xt, velocity } = affine(condOT).sample({
    x0: constant(takeRows(x0, source)),
    x1: constant(takeRows(x1, target)),
    t: constant(numbers(inputs.t)),
  });
  expectClose(interpretGraph([xt], new Map())[0]!, expected.mu_t as GoldenArray, file.tolerance);
  expectClose(interpretGraph([velocity], new Map())[0]!, expected.ut as GoldenArray, file.tolerance);
}
