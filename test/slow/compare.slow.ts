import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  compare,
  comparisonText,
  methodNames,
  saveComparison,
  saveComparisonFigures,
} from "../../src/app/compare/index.ts";
import { distributions } from "../../src/data/index.ts";

const seed = Number(process.env.ADVECT_SEED ?? 0);

describe.each(["checkerboard", "two-moons"])("the full comparison on %s", (name) => {
  test("takes at most 6 minutes on 2 cores, and shows what theory says", async () => {
    const folder = process.env.ADVECT_COMPARE ?? mkdtempSync(join(tmpdir(), "advect-"));
    const comparison = await compare({ data: distributions[name]!, seed });
    await saveComparison(comparison, join(folder, name));
    await saveComparisonFigures(comparison, join(folder, name));
    console.log(comparisonText(comparison));
    expect(comparison.rows.length).toBe(1 + 7 * methodNames.length);
    expect(comparison.theory.length).toBe(18);
    expect(comparison.theory.filter(({ holds }) => !holds)).toEqual([]);
    expect(comparison.seconds).toBeLessThan(360);
  });
});
