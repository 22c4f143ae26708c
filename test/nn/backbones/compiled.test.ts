import { expect, test } from "vitest";
import { array, type NdArray, ndarray } from "../../../src/engine/array/index.ts";
import { compile, specOf } from "../../../src/engine/runtime/index.ts";
import { grad, interpret, leaves, mapTree, mul, sum, type Tensor } from "../../../src/engine/tensor/index.ts";
import {
  type Condition,
  dit,
  type Model,
  mlp,
  type Params,
  residualMlp,
  unet1d,
  unet2d,
} from "../../../src/nn/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { type Call, callOf } from "./model.ts";

interface Case {
  readonly name: string;
  readonly model: Model<Params, Condition>;
  readonly call: Call<Params>;
}

function caseOf<P extends Params>(
  model: Model<P, Condition>,
  shape: readonly number[],
  condition = {},
): Case {
  const call = callOf(model, [2, ...shape], condition);
  return {
    name: model.name,
    model: model as unknown as Model<Params, Condition>,
    call: single(call) as never,
  };
}

/** float64 leaves as float32 */
const single = <T>(tree: T): T =>
  mapTree(tree, (leaf: NdArray) =>
    leaf.dtype === "float64" ? ndarray(Float32Array.from(leaf.data), leaf.shape) : leaf,
  ) as T;

const vector = sample([2, 3], 3);
const labels = array([1, 3], "int32");
const timeScale = 10;

const cases: Case[] = [
  caseOf(mlp({ size: 6, conditionSize: 3, hidden: 16 }), [3, 2], { vector }),
  caseOf(residualMlp({ size: 6, conditionSize: 3, hidden: 16, timeScale }), [3, 2], { vector }),
  caseOf(dit({ shape: [2, 4, 6], patch: 2, hidden: 16, depth: 2, classes: 3, timeScale }), [2, 4, 6], {
    labels,
  }),
  caseOf(unet1d({ size: 2, widths: [8, 16, 24], conditionSize: 3, timeSize: 8, timeScale }), [8, 2], {
    vector,
  }),
  caseOf(unet2d({ shape: [1, 12, 12], widths: [8, 16], attentionAt: [6], timeScale }), [1, 12, 12]),
];

test.each(cases)(
  "$name and its gradients, compiled in float32, agree with the interpreter",
  async ({ model, call }) => {
    const fn = (params: Params, x: Tensor, t: Tensor, condition: Exclude<Condition, Tensor>) => {
      const y = model.apply(params, x, t, condition);
      return { y, gradients: grad(sum(mul(y, y)), { params, x }) };
    };
    const { params, x, t, condition } = call;
    const given = [params, x, t, condition] as never as [never, never, never, never];
    using run = await compile(fn, given.map((part) => specOf(part)) as never);
    const got = leaves<NdArray>(await run(...given));
    const expected = leaves<NdArray>(interpret(fn, ...given));
    const largest = Math.max(...expected.map(norm));
    expect(got).toHaveLength(expected.length);
    got.forEach((result, i) => {
      const error = norm({
        ...result,
        data: Float64Array.from(result.data, (value, j) => value - expected[i]!.data[j]!),
      });
      expect(error).toBeLessThan(1e-4 * norm(expected[i]!) + 1e-6 * largest);
    });
  },
);

function norm({ data }: NdArray): number {
  return Math.hypot(...data);
}
