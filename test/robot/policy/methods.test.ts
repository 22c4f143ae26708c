import { describe, expect, test } from "vitest";
import { key } from "../../../src/engine/index.ts";
import type { Backbone, Method, NeuralPolicy } from "../../../src/robot/index.ts";
import { observation, type Tiny, tinyDesign, trained } from "./tiny.ts";

/** The mean of each of 64 chunks: near 10 or -10 where a way was taken, 0 in the middle between them. */
async function middles(policy: NeuralPolicy): Promise<number[]> {
  const requests = Array.from({ length: 64 }, (_, i) => ({ observation, key: key(i) }));
  const chunks = await policy.predictMany(requests);
  return chunks.map(({ actions }) => actions.data.reduce((a, b) => a + b) / actions.data.length);
}

const share = (values: readonly number[], fits: (value: number) => boolean) =>
  values.filter(fits).length / values.length;

async function shares(tiny: Tiny, steps = 400) {
  using policy = await trained(tiny, steps);
  const found = await middles(policy);
  return { up: share(found, (x) => x > 5 && x < 15), down: share(found, (x) => x < -5 && x > -15), found };
}

const keepsBoth: readonly (readonly [string, Method])[] = [
  ["flow matching", { kind: "flow" }],
  [
    "flow matching towards the target, by midpoint",
    { kind: "flow", prediction: "target", solver: "midpoint" },
  ],
  ["flow matching on the cosine path", { kind: "flow", path: "cosine", steps: 10 }],
  ["DDPM", { kind: "diffusion", levels: 30 }],
  ["DDIM in 10 steps", { kind: "diffusion", sampler: "ddim", levels: 50 }],
  ["a variational autoencoder", { kind: "vae", latent: 4, klWeight: 1e-2 }],
];

describe("where demonstrations go two ways", () => {
  test.each(keepsBoth)("%s keeps both", async (_name, method) => {
    const { up, down, found } = await shares({ design: tinyDesign(method) });
    expect(up + down, `${found.map((x) => x.toFixed(1))}`).toBeGreaterThan(0.8);
    expect(Math.min(up, down)).toBeGreaterThan(0.2);
  });

  test("flow matching with pairs of optimal transport keeps both", async () => {
    const { up, down } = await shares({
      design: tinyDesign({ kind: "flow" }),
      coupling: { kind: "exactOT" },
    });
    expect(up + down).toBeGreaterThan(0.8);
    expect(Math.min(up, down)).toBeGreaterThan(0.2);
  });

  test("regression takes the mean, which no one demonstrated", async () => {
    const { found } = await shares({ design: tinyDesign({ kind: "regression" }) });
    expect(Math.max(...found.map(Math.abs))).toBeLessThan(4);
    expect(new Set(found).size).toBe(1);
  });

  test("a flow that begins at rest gives one chunk, whatever the key", async () => {
    const { found } = await shares({ design: tinyDesign({ kind: "flow" }, { start: "rest" }) }, 50);
    expect(new Set(found).size).toBe(1);
  });
});

describe("every backbone", () => {
  test.each<Backbone>([
    { kind: "unet1d", widths: [16, 32], timeSize: 16, groups: 4 },
    { kind: "dit", hidden: 32, depth: 1, heads: 2, patch: 2 },
  ])("of kind $kind learns", async (backbone) => {
    const { up, down } = await shares({ design: tinyDesign({ kind: "flow" }, { backbone }) }, 300);
    expect(up + down).toBeGreaterThan(0.7);
  });
});
