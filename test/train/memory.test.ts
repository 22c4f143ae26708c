import { join } from "node:path";
import { expect, test } from "vitest";
import { runInChild } from "../engine/runtime/child.ts";

test("20 000 small steps take no more memory than 2000", async () => {
  const entry = join(import.meta.dirname, "step-loop.ts");
  const { grownBytes, steps } = await runInChild<{ grownBytes: number; steps: number }>(entry);
  expect(steps).toBe(22_000);
  expect(grownBytes).toBeLessThan(5e6);
});
