import { describe, expect, test } from "vitest";
import type { NdArray } from "../../../src/engine/array/index.ts";
import {
  concat,
  declarations,
  expandDims,
  interpret,
  matmul,
  neg,
  sub,
  type Tensor,
  tanh,
} from "../../../src/engine/tensor/index.ts";
import { type AverageVelocity, meanFlow, meanFlowTarget } from "../../../src/flow/matching/index.ts";
import { affine, brownianSpread, condOT, noisy } from "../../../src/flow/path/index.ts";
import { double, expectClose, type GoldenArray, goldenFile } from "../../nn/golden-file.ts";

const file = goldenFile("derived_formulas");
const caseOf = (op: string) => file.cases.find(({ inputs }) => inputs.op === op)!;
const numbers = (value: unknown): NdArray<"float64"> => double(value as GoldenArray);

interface Net {
  readonly W1: Tensor;
  readonly b1: Tensor;
  readonly W2: Tensor;
  readonly b2: Tensor;
}

/** The file's time runs from data to noise: t is 1 - from, r is 1 - to, and velocities have the other sign. */
function averageOf({ W1, b1, W2, b2 }: Net): AverageVelocity {
  return (x, { from, to }) => {
    const rest = (t: Tensor) => expandDims(sub(1, t), -1);
    const z = concat([x, rest(to), rest(from)], -1);
    const hidden = tanh(matmul(z, W1, { transposeB: true }).add(b1));
    return neg(matmul(hidden, W2, { transposeB: true }).add(b2));
  };
}

test("the mean flow target, its weights and loss are the golden ones, seen from the noise", () => {
  const { inputs, expected } = caseOf("meanflow");
  const { W1, b1, W2, b2 } = inputs.net as Record<string, GoldenArray>;
  const args = {
    net: { W1: numbers(W1), b1: numbers(b1), W2: numbers(W2), b2: numbers(b2) },
    x1: numbers(inputs.data),
    x0: numbers(inputs.noise),
    t: numbers(inputs.t),
    r: numbers(inputs.r),
  };
  type Args = { net: Net; x1: Tensor; x0: Tensor; t: Tensor; r: Tensor };
  const got = interpret(({ net, x1, x0, t, r }: Args) => {
    const at = { from: sub(1, t), to: sub(1, r) };
    const { xt, velocity } = affine(condOT).sample({ x0, x1, t: at.from });
    const { value, slope, target } = meanFlowTarget(averageOf(net), { x: xt, velocity, interval: at });
    const { draw } = declarations();
    const weighted = (power: number) =>
      meanFlow({ power, offset: inputs.norm_eps as number })(averageOf(net), { x0, x1, at }, draw).loss;
    const [loss, plain] = [weighted(inputs.norm_p as number), weighted(0)];
    return { z_t: xt, v: neg(velocity), u: neg(value), du_dt: slope, u_target: neg(target), loss, plain };
  }, args);
  for (const name of ["z_t", "v", "u", "du_dt", "u_target"] as const) {
    expectClose(got[name], expected[name] as GoldenArray, file.tolerance);
  }
  expect(got.loss.data[0]).toBeCloseTo(expected.loss_mean as number, 10);
  const weights = expected.adaptive_weight as GoldenArray;
  const squares = weights.data.map((weight) => 1 / weight - (inputs.norm_eps as number));
  expect(got.plain.data[0]).toBeCloseTo(squares.reduce((a, b) => a + b) / squares.length, 9);
});

describe("the golden stochastic interpolant", () => {
  const { inputs, expected } = caseOf("interpolant");
  test("is the straight path with gamma = sqrt(2 t (1 - t))", () => {
    const spread = brownianSpread({ sigma: Math.SQRT2, softening: 1e-20 });
    const got = interpret(
      (draw: { x0: Tensor; x1: Tensor; z: Tensor; t: Tensor }) => {
        const { xt, velocity } = noisy(affine(condOT), spread).sample(draw);
        const { gamma, dGamma } = spread.at(draw.t);
        return { x_t: xt, dx_t: velocity, gamma, d_gamma: dGamma };
      },
      { x0: numbers(inputs.x_0), x1: numbers(inputs.x_1), z: numbers(inputs.z), t: numbers(inputs.t) },
    );
    expect(Object.keys(expected).sort()).toEqual(Object.keys(got).sort());
    for (const [name, array] of Object.entries(got)) {
      expectClose(array, expected[name] as GoldenArray, file.tolerance);
    }
  });
});

test("every derived formula is tested here or where it belongs", () => {
  expect(file.cases.map(({ inputs }) => inputs.op).sort()).toEqual([
    "cfg",
    "interpolant",
    "meanflow",
    "sde_em",
  ]);
});
