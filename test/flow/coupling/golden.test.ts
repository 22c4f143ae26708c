import { describe, expect, test } from "vitest";
import { type NdArray, takeRows } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { filled, interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import { independent } from "../../../src/flow/coupling/index.ts";
import { scoreFactor } from "../../../src/flow/matching/index.ts";
import {
  affine,
  blurredCondOT,
  condOT,
  constantSpread,
  cosine,
  type NoisyPath,
  noisy,
  schrodingerBridge,
} from "../../../src/flow/path/index.ts";
import { double, expectClose, type GoldenArray, type GoldenCase, goldenFile } from "../../nn/golden-file.ts";

const file = goldenFile("cfm");
const numbers = (value: unknown): NdArray<"float64"> => double(value as GoldenArray);

/** The variants of torchcfm that have noise of scale sigma around their mean. */
const paths: Readonly<Record<string, (sigma: number) => NoisyPath>> = {
  independent: (sigma) => noisy(affine(condOT), constantSpread(sigma)),
  exact_ot: (sigma) => noisy(affine(condOT), constantSpread(sigma)),
  variance_preserving: (sigma) => noisy(affine(cosine), constantSpread(sigma)),
  schrodinger_bridge: (sigma) => schrodingerBridge({ sigma }),
};

type Draw = { x0: Tensor; x1: Tensor; t: Tensor; epsilon: Tensor };

function bridge({ x0, x1, t, epsilon }: Draw, variant: string, sigma: number) {
  const path = paths[variant]!(sigma);
  const { xt, velocity, gamma } = path.sample({ x0, x1, t, z: epsilon });
  const mu_t = path.sample({ x0, x1, t, z: filled(x0.shape, 0, x0.dtype) }).xt;
  return { mu_t, sigma_t: gamma, xt, ut: velocity, lambda: scoreFactor(gamma, path.spread.scale) };
}

/** Here the noise is the source, and its deviation the path's sigma. */
function target({ x1, t, epsilon }: Draw, _: string, sigmaMin: number) {
  const scheduler = blurredCondOT({ sigmaMin });
  const path = affine(scheduler);
  const { sigma } = scheduler.at(t);
  const { xt, velocity } = path.sample({ x0: epsilon, x1, t });
  const mu_t = path.sample({ x0: filled(x1.shape, 0, x1.dtype), x1, t }).xt;
  return { mu_t, sigma_t: sigma, xt, ut: velocity, lambda: scoreFactor(sigma, sigmaMin) };
}

describe("golden conditional flow matching", () => {
  test.each(file.cases)("$name", ({ inputs, expected }: GoldenCase) => {
    const { x0, x1 } = { x0: numbers(inputs.x0), x1: numbers(inputs.x1) };
    const { source, target: rows } = independent().pair({ x0, x1, key: key(0) });
    const pairs = { x0: takeRows(x0, source), x1: takeRows(x1, rows) };
    const draw = { ...pairs, t: numbers(inputs.t), epsilon: numbers(inputs.epsilon) };
    const compute = inputs.variant === "target" ? target : bridge;
    const got = interpret(
      (tensors: Draw) => compute(tensors, inputs.variant as string, inputs.sigma as number),
      draw,
    );
    expect(Object.keys(expected).sort()).toEqual(Object.keys(got).sort());
    for (const [name, array] of Object.entries(got)) {
      expectClose(array, expected[name] as GoldenArray, file.tolerance);
    }
  });

  test("has all its cases", () => {
    expect(file.cases).toHaveLength(18);
    const variants = new Set(file.cases.map(({ inputs }) => inputs.variant));
    expect(variants).toEqual(new Set(["target", ...Object.keys(paths)]));
  });
});
