import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { advect, type Outcome, temporaryFolder } from "../harness.ts";

const say = (args: readonly string[]): Promise<Outcome> => advect(["compare", ...args]);

/** Ctrl-C is pressed when `at` is shown on a terminal. */
async function interrupted(args: readonly string[], at: string): Promise<Outcome> {
  const stop = new AbortController();
  const write = (text: string) => text.includes(at) && stop.abort();
  const interruption = () => ({ signal: stop.signal, [Symbol.dispose]: () => {} });
  return advect(["compare", ...args], { stderr: { isTTY: true, write }, interruption });
}

describe("advect compare", () => {
  test("prints one JSON document, and writes the same and pictures into a folder", async () => {
    const folder = temporaryFolder();
    const flags = ["--methods", "flow,ddim", "--budget", "small", "--steps", "20", "--seed", "3"];
    const { code, stdout } = await say(["two-moons", ...flags, "--out", folder, "--json"]);
    expect(code).toBe(0);
    const { rows, files, interrupted, ...facts } = JSON.parse(stdout);
    expect(facts).toMatchObject({ data: "two-moons", seed: 3, budget: { steps: 20 }, missing: [] });
    expect(interrupted).toBe(false);
    expect(rows.length).toBe(1 + 2 * 7);
    expect(rows[1]).toMatchObject({ method: "flow", nfe: 1, reproducible: true, trainSteps: 20 });
    expect(JSON.parse(readFileSync(join(folder, "comparison.json"), "utf8")).rows).toEqual(rows);
    for (const file of files) expect(readFileSync(file).length).toBeGreaterThan(100);
  });

  test("keeps what is finished at Ctrl-C, says so, and ends with 130", async () => {
    const folder = temporaryFolder();
    const flags = ["--methods", "vp,flow", "--budget", "small", "--out", folder];
    const { code, stdout } = await interrupted(["checkerboard", ...flags], "flow: training");
    expect(code).toBe(130);
    expect(stdout).toContain("Interrupted before flow");
    expect(stdout).toMatch(/\| vp +\|/);
    expect(stdout).toContain(join(folder, "quality.svg"));
    expect(JSON.parse(readFileSync(join(folder, "comparison.json"), "utf8")).missing).toEqual(["flow"]);
  });

  test.each([
    [["chekerboard"], "Did you mean checkerboard?"],
    [["moons"], "There are: two-moons, eight-gaussians"],
    [["checkerboard", "--methods", "flow,mean-flw"], "Did you mean mean-flow?"],
    [["checkerboard", "--budget", "smal"], "Did you mean small?"],
    [["checkerboard", "--budget", "3x"], "Expected a time such as 60s"],
    [["checkerboard", "--steps", "0"], "Expected a whole number >= 1"],
    [[], "missing required argument 'data'"],
  ])("refuses %j", async (args, message) => {
    const { code, stderr } = await say(args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
