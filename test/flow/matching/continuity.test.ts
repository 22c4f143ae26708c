import { beforeAll, expect, test } from "vitest";
import { type NdArray, takeRows } from "../../../src/engine/array/index.ts";
import { integers, key, normal } from "../../../src/engine/random/index.ts";
import { evaluate } from "../../../src/engine/runtime/index.ts";
import { filled, type Tensor } from "../../../src/engine/tensor/index.ts";
import { affine, condOT } from "../../../src/flow/path/index.ts";
import { integrate, rk4 } from "../../../src/flow/solver/index.ts";
import type { MlpParams } from "../../../src/nn/index.ts";
import { fromPoints, model, points, trained, type Values } from "./training.ts";

// The continuity equation dp/dt + div(p v) = 0 against functions f(x) = sin(w . x + 0.8), which needs no density:
// d/dt E f(x_t) = E[grad f(x_t) . v(x_t, t)].
const frequencies = [[1, 0], [0, 1], [0.7, 0.7], [1.3, -0.5], [-0.4, 1.1]] as const; // biome-ignore format: one line
const [count, h] = [4096, 2e-3];
const x0 = normal(key("continuity"), [count, 2]);
const x1 = takeRows(points, integers(key("continuity").fold("x1"), [count], { high: 8 }).data);
let learned: Values;

beforeAll(async () => {
  learned = await trained(model.init(key("init")) as Values, { steps: 2500, rows: fromPoints, seed: "flow" });
});

/** What the samples at t - h, t and t + h say of d/dt E f, and what the learned field says, for every f. */
async function bothSides(samplesAt: (time: number) => Promise<NdArray>, t: number) {
  const [before, now, after] = [await samplesAt(t - h), await samplesAt(t), await samplesAt(t + h)];
  const v = await evaluate(
    (p: MlpParams, x: Tensor) => model.apply(p, x, filled([count], t)),
    [learned, now],
  );
  return frequencies.map(([a, b]) => {
    const along = (x: NdArray, i: number) => a * x.data[2 * i]! + b * x.data[2 * i + 1]!;
    const phase = (x: NdArray, i: number) => along(x, i) + 0.8;
    const mean = (at: (i: number) => number) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += at(i);
      return sum / count;
    };
    const change = mean((i) => Math.sin(phase(after, i)) - Math.sin(phase(before, i))) / (2 * h);
    return { change, flux: mean((i) => Math.cos(phase(now, i)) * along(v, i)) };
  });
}

const size = (values: readonly number[]) =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

/** |change - flux| / |change|, over all f; a field of the wrong sign has 2. */
function imbalance(sides: Awaited<ReturnType<typeof bothSides>>): number {
  return size(sides.map(({ change, flux }) => change - flux)) / size(sides.map(({ change }) => change));
}

test.each([0.2, 0.5, 0.8])("a trained field carries the density of its path at t = %d", async (t) => {
  const onPath = (time: number) =>
    evaluate(
      (noise: Tensor, data: Tensor) =>
        affine(condOT).sample({ x0: noise, x1: data, t: filled([count], time) }).xt,
      [x0, x1],
    );
  expect(imbalance(await bothSides(onPath, t))).toBeLessThan(0.25);
});

test.each([0.2, 0.5, 0.8])("solving it carries samples as it says at t = %d", async (t) => {
  const solved = (time: number) =>
    evaluate(
      (p: MlpParams, noise: Tensor) => {
        const times = Array.from({ length: 21 }, (_, i) => (i * time) / 20);
        return integrate((x, s) => model.apply(p, x, s), noise, { times, solver: rk4 }).x;
      },
      [learned, x0],
    );
  expect(imbalance(await bothSides(solved, t))).toBeLessThan(0.01);
});
