import { join } from "node:path";
import { expect, test } from "vitest";
import { runInChild } from "./child.ts";

test("300 compiled functions, each disposed of, leave no memory behind", async () => {
  const entry = join(import.meta.dirname, "compile-loop.ts");
  const { grownBytes } = await runInChild<{ grownBytes: number }>(entry);
  expect(grownBytes).toBeLessThan(120e6);
});
