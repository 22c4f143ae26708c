import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { savedPolicy } from "../../app/pusht/tiny.ts";
import { advect, temporaryFolder } from "../harness.ts";

describe("advect eval", () => {
  test("prints the numbers of the protocol as one JSON document, and keeps them with pictures", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "eval");
    const flags = ["--policy", await savedPolicy(folder), "--episodes", "2", "--seeds", "11", "--out", out];
    const { code, stdout } = await advect(["eval", "pusht", ...flags, "--json"]);
    expect(code).toBe(0);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ policy: "pusht", episodes: 2, nfe: 3, seeds: [11, 12] });
    expect(found.successInterval[0]).toBeLessThanOrEqual(found.successRate);
    expect(Object.keys(found.latencyMs)).toEqual(["p50", "p95", "p99", "max"]);
    expect(found).toHaveProperty("meanMaxRewardStdErr");
    expect(found).toHaveProperty("deadlineMisses");
    expect(JSON.parse(readFileSync(join(out, "evaluation.json"), "utf8"))).toMatchObject({ episodes: 2 });
    for (const name of found.files) expect(existsSync(join(out, name))).toBe(true);
    const lines = readFileSync(join(out, "episodes.jsonl"), "utf8").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).seed)).toEqual([11, 12]);

    const other = await advect(["eval", "pusht", ...flags, "--steps", "2"]);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain("expected episodes of these settings");
    const anew = await advect(["eval", "pusht", ...flags, "--steps", "2", "--overwrite", "--no-pictures"]);
    expect(anew.code).toBe(0);
    expect(anew.stdout).toMatch(/network +2 evaluations a chunk, 8 actions executed/);
    expect(anew.stdout).toMatch(/score +\d\.\d{3} \+- \d\.\d{3}/);
  });

  test.each([
    [["eval", "pushed"], "expected pusht, got pushed"],
    [["eval", "pusht", "--policy", "nowhere"], "Train one: npm start"],
    [["run", "pusht", "--policy", "nowhere"], "Train one: npm start"],
    [["run", "pusht", "--mode", "both"], "Allowed choices are synchronous, asynchronous"],
    [["eval", "pusht", "--episodes", "0"], "Expected a whole number >= 1"],
    [["start", "--budget", "soon"], "Expected a time such as 60s"],
    [["compare", "pusht", "--methods", "flo"], "Did you mean flow?"],
  ])("%j is refused", async (args, message) => {
    const { code, stderr } = await advect(args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

test("advect run drives an episode, and says how well it kept time", async () => {
  const policy = await savedPolicy(temporaryFolder());
  const drawn: string[] = [];
  const stderr = { isTTY: true, columns: 120, write: (text: string) => drawn.push(text) };
  const flags = ["--policy", policy, "--hz", "100", "--max-steps", "12", "--seed", "5"];
  const { code, stdout } = await advect(["run", "pusht", ...flags], { stderr });
  expect(code).toBe(0);
  expect(stdout).toMatch(/episode +seed 5, \d+ steps, no success/);
  expect(stdout).toMatch(/missed +\d+ of \d+ ticks/);
  expect(drawn.join("")).toContain("▀");
});
