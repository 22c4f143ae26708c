import { describe, expect, test } from "vitest";
import { type ComparisonRow, callsNeeded, type MethodName, theory } from "../../../src/app/compare/index.ts";

const row = (
  method: ComparisonRow["method"],
  nfe: number,
  w2Values: readonly number[],
  more: Partial<ComparisonRow> = {},
): ComparisonRow => ({
  method,
  nfe,
  w2: w2Values.reduce((sum, value) => sum + value, 0) / w2Values.length,
  w2StdErr: 0.01,
  w2Values,
  energyDistance: 0.01,
  energyDistanceStdErr: 0.001,
  straightness: null,
  reproducible: true,
  largestDifference: 0,
  trainSeconds: 1,
  trainSteps: 1,
  ...more,
});

const floor = row("data", 0, [0.39, 0.4, 0.41]);
const claimsOf = (rows: readonly ComparisonRow[]) =>
  new Map(theory(rows).map((claim) => [claim.claim, claim]));

describe("theory", () => {
  test("compares set by set: what all sets share does not count as error", () => {
    const flow = row("flow", 1, [1, 2, 3]);
    const found = claimsOf([flow, row("ot-flow", 1, [0.9, 1.91, 2.89])]).get("ot-flow beats flow at nfe 1")!;
    expect(found.difference).toBeCloseTo(-0.1, 12);
    expect(found.stdErr).toBeCloseTo(0.01 / Math.sqrt(3), 12);
    expect(found.holds).toBe(true);
  });

  test.each([
    ["two standard errors do not suffice", [0.5, 1.5, 3.05], false],
    ["the other one is better", [1.1, 2.1, 3.1], false],
    ["nothing was measured", [Number.NaN, 1, 2], false],
  ])("does not hold where %s", (_, values, holds) => {
    const rows = [row("flow", 1, [1, 2, 3]), row("rectified", 1, values)];
    expect(claimsOf(rows).get("rectified beats flow at nfe 1")!.holds).toBe(holds);
  });

  test("speaks of few calls for straight flows, and of more for ddpm", () => {
    const rows = (["flow", "ot-flow", "ddpm"] as const).flatMap((name) =>
      [1, 2, 10, 50].map((nfe) => row(name, nfe, [1, 2])),
    );
    const names = [...claimsOf([floor, ...rows]).keys()];
    expect(names.filter((name) => name.includes("beats"))).toEqual([
      "ot-flow beats flow at nfe 1",
      "ot-flow beats flow at nfe 2",
      "flow beats ddpm at nfe 2",
      "flow beats ddpm at nfe 10",
    ]);
  });

  test.each([
    [10, 2, true],
    [10, 5, false],
    [undefined, 2, true],
    [10, undefined, false],
  ])("of ddpm with %s and ot-flow with %s calls says many more: %s", (mine, its, holds) => {
    const reaching = (name: MethodName, calls: number | undefined) =>
      [2, 5, 10].map((nfe) => row(name, nfe, calls !== undefined && nfe >= calls ? [0.5, 0.5] : [1, 1]));
    const rows = [floor, ...reaching("ddpm", mine), ...reaching("ot-flow", its)];
    expect(callsNeeded(rows, "ddpm")).toBe(mine);
    expect(claimsOf(rows).get("ddpm needs at least 5 times the calls of ot-flow")!.holds).toBe(holds);
  });

  test.each([
    ["flow", 0, "flow is reproducible", true],
    ["flow", 1e-7, "flow is reproducible", false],
    ["flow", Number.NaN, "flow is reproducible", false],
    ["ddpm", 0.5, "ddpm is not reproducible", true],
    ["ddpm", 0, "ddpm is not reproducible", false],
  ] as const)("of %s with a difference of %s: %s is %s", (name, largestDifference, claim, holds) => {
    const rows = [row(name, 1, [1, 2]), row(name, 2, [1, 2], { largestDifference })];
    expect(claimsOf(rows).get(claim)!.holds).toBe(holds);
  });
});
