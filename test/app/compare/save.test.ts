import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type Comparison,
  compare,
  comparisonFigures,
  comparisonJson,
  comparisonText,
  saveComparison,
  saveComparisonFigures,
} from "../../../src/app/compare/index.ts";
import { checkerboard } from "../../../src/data/index.ts";
import { figureToSvg } from "../../../src/figure/index.ts";
import { tiny } from "./tiny.ts";

let comparison: Comparison;

beforeAll(async () => {
  const methods = ["flow", "ddpm"] as const;
  comparison = await compare({ data: checkerboard(), budget: tiny, methods });
});

/** The cells of a line of a Markdown table. */
const cells = (line: string): string[] =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

describe("the text", () => {
  test("has every W2 with its error, and the floor in every column", () => {
    const lines = comparisonText(comparison).split("\n");
    const flow = cells(lines.find((line) => line.startsWith("| flow"))!);
    const rows = comparison.rows.filter(({ method }) => method === "flow");
    expect(flow.slice(1)).toEqual(
      rows.map(({ w2, w2StdErr }) => `${w2.toFixed(3)} ± ${w2StdErr.toFixed(3)}`),
    );
    const floor = cells(lines.find((line) => line.startsWith("| data (floor)"))!);
    expect(new Set(floor.slice(1)).size).toBe(1);
  });

  test("says what an interruption left out", () => {
    const part: Comparison = { ...comparison, missing: ["vp", "ddim"] };
    expect(comparisonText(part)).toContain("Interrupted before vp, ddim");
    expect(comparisonText(comparison)).not.toContain("Interrupted");
  });

  test("marks claims that do not hold", () => {
    const wrong = { claim: "the earth is flat", difference: 1, stdErr: 0.1, holds: false };
    expect(comparisonText({ ...comparison, theory: [wrong] })).toMatch(
      /the earth is flat +\| 1\.000 ± 0\.100 +\| NO/,
    );
  });
});

describe("the pictures", () => {
  test("show each method with each number of calls, and the data", () => {
    const { samples, trajectories, quality } = comparisonFigures(comparison);
    const titles = ["flow", "ddpm"].flatMap((name) => tiny.nfe.map((nfe) => `${name}, ${nfe}`));
    expect(samples!.panels.map(({ title }) => title)).toEqual([...titles, "data"]);
    expect(samples!.columns).toBe(tiny.nfe.length);
    expect(trajectories!.panels.map(({ title }) => title)).toEqual(["flow", "ddpm"]);
    expect(quality!.legend!.map(({ name }) => name)).toEqual(["flow", "ddpm"]);
    expect(figureToSvg(quality!)).toContain("other data");
  });

  test("begin trajectories at the noise and end them at the samples", () => {
    const { trajectory, samples } = comparison.pictures.methods.flow!;
    expect(trajectory.shape).toEqual([tiny.fine + 1, tiny.count, 2]);
    const end = trajectory.data.slice(-2 * tiny.count) as Float32Array;
    const close = samples[5]!.data as Float32Array; // with one call less
    const gap = Math.max(...end.map((value, i) => Math.abs(value - close[i]!)));
    expect(gap).toBeGreaterThan(0);
    expect(gap).toBeLessThan(2);
  });
});

describe("a folder", () => {
  const folder = join(mkdtempSync(join(tmpdir(), "advect-")), "new", "compare");

  test("gets the numbers and the pictures, and keeps what else is in it", async () => {
    const [json] = await saveComparison(comparison, folder);
    expect(JSON.parse(readFileSync(json!, "utf8"))).toEqual(comparisonJson(comparison));
    writeFileSync(join(folder, "notes.txt"), "mine");
    await saveComparison({ ...comparison, seed: 7 }, folder);
    expect(JSON.parse(readFileSync(json!, "utf8"))).toMatchObject({ seed: 7 });
    const files = await saveComparisonFigures(comparison, folder);
    expect(files.map((file) => file.slice(folder.length + 1)).sort()).toEqual(
      ["energy", "quality", "samples", "trajectories"].flatMap((name) => [`${name}.png`, `${name}.svg`]),
    );
    expect(readdirSync(folder)).toHaveLength(2 + 8 + 1);
    expect(readFileSync(join(folder, "notes.txt"), "utf8")).toBe("mine");
    expect(readFileSync(join(folder, "samples.png")).subarray(1, 4).toString()).toBe("PNG");
  });

  test("that cannot be written is an io error", async () => {
    await expect(saveComparison(comparison, join(folder, "notes.txt", "inside"))).rejects.toMatchObject({
      kind: "io",
    });
  });
});
