import { join } from "node:path";
import { expect, test } from "vitest";
import {
  comparePolicies,
  policyComparisonJson,
  policyComparisonText,
  policyMethodNames,
  policyMethods,
  savePolicyComparison,
  waysOf,
} from "../../../src/app/pusht/index.ts";
import { temporaryFolder, tinyRecipe } from "./tiny.ts";

const seedsFrom = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

test("past an obstacle regression loses both ways, and flow keeps them", async () => {
  const comparison = await comparePolicies({
    task: "navigation",
    recipe: tinyRecipe("navigation", 800, { data: { kind: "navigation", count: 40 } }),
    folder: temporaryFolder(),
    methods: ["flow", "regression"],
    seeds: seedsFrom(0, 40),
    latencyCount: 0,
  });
  const ways = waysOf(comparison);
  const of = (name: string) => ways.find(({ sampler }) => sampler === name)!;
  expect(of("flow 10").coverage).toBeGreaterThan(0.25);
  expect(of("flow 10").successRate).toBeGreaterThan(0.7);
  expect(of("flow 10").collided).toBeLessThan(15);
  expect(of("regression").coverage).toBeLessThan(0.2);
  expect(of("regression").successRate).toBeLessThan(0.1);
  expect(of("regression").collided).toBeGreaterThan(35);

  const rows = new Map(comparison.rows.map((row) => [row.sampler, row]));
  expect(rows.get("flow 5")!.paired).toEqual({ difference: 0, stdErr: 0 });
  expect(rows.get("regression")!.paired.difference).toBeLessThan(-0.3);
  expect(rows.get("regression")!.noise).toEqual({ sameNoise: 0, otherNoise: 0 });
  expect(rows.get("flow 5")!.noise.sameNoise).toBe(0);
  expect(rows.get("flow 5")!.noise.otherNoise).toBeGreaterThan(0.1);
  expect([...rows.values()].map(({ evaluation }) => evaluation.nfe)).toEqual([5, 1, 2, 10, 1]);
  const text = policyComparisonText(comparison);
  expect(text).toContain("800 optimiser steps for each method; 40 episodes from seed 0");
  const { above, below, none, coverage, collided } = of("regression");
  const cells = [above, below, none, coverage.toFixed(2), collided];
  expect(text.replace(/ +/g, " ")).toContain(`| regression | ${cells.join(" | ")} |`);
});

test("every method trains for as many steps, plays the same episodes, and is drawn", async () => {
  const folder = join(temporaryFolder(), "all");
  const options = {
    task: "navigation",
    recipe: tinyRecipe("navigation", 7, {
      data: { kind: "navigation", count: 10 },
      model: { kind: "residualMlp", hidden: 8, depth: 1 },
    }),
    folder,
    seeds: [4, 9],
    maxSteps: 16,
    latencyCount: 2,
  } as const;
  const comparison = await comparePolicies(options);
  expect(comparison.trainings.map(({ method }) => method)).toEqual(policyMethodNames);
  expect(comparison.steps).toBe(7);
  const samplers = policyMethodNames.flatMap((name) => policyMethods[name].samplers.map((one) => one.name));
  expect(comparison.rows.map(({ sampler }) => sampler)).toEqual(samplers);
  for (const { evaluation } of comparison.rows) expect(evaluation.seeds).toEqual([4, 9]);
  const nfe = Object.fromEntries(comparison.rows.map(({ sampler, evaluation }) => [sampler, evaluation.nfe]));
  expect(nfe).toMatchObject({ "flow 10": 10, "ddpm 100": 100, "ddim 5": 5, regression: 1, vae: 1 });

  const files = await savePolicyComparison(comparison, folder);
  const pictures = ["score", ...policyMethodNames.map((name) => `actions-${name}`)];
  expect(files).toEqual(expect.arrayContaining(pictures.map((name) => join(folder, `${name}.svg`))));
  const again = await comparePolicies({ ...options, methods: ["regression"] }); // trains nothing again
  const row = comparison.rows.find(({ method }) => method === "regression")!;
  expect(again.rows[0]!.episodes).toEqual(row.episodes);
  expect(policyComparisonJson(comparison).rows[0]).not.toHaveProperty("episodes");
});

test("a comparison of nothing is refused", async () => {
  const recipe = tinyRecipe("pusht", 1);
  await expect(
    comparePolicies({ task: "pusht", recipe, folder: temporaryFolder(), seeds: [1], methods: [] }),
  ).rejects.toThrow("comparePolicies: expected a method at least");
});
