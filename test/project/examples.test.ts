import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { run } from "../../examples/first-flow/run.ts";
import { filesUnder, read } from "./sources.ts";

/** What each example prints, small budget and all. */
const expected: Readonly<Record<string, RegExp>> = {
  "gradient-of-a-function": /compiled gradient +(\S+) +(\S+) +(\S+)[\s\S]*by hand +\1 +\2 +\3/,
  "random-keys": /same start +true\nsame key +true[\s\S]*same draw +true false/,
  "train-regression": /largest error 0\.[0-2]/,
  "flow-from-scratch": /distance from the ring 0\.[0-3]/,
  "flow-matching": /noise 0\.\d+, samples 0\.0[0-3]/,
  "flow-coupling": /independent +0\.[12]\d+ +0\.0\d+ +[1-9]\.\d+\nexactOT +0\.0[0-6]\d* +0\.0\d+ +0\.[01]/,
  "flow-guided": /\n0 +-?0\.\d+ +0\.[23]\d+\n1 +[12]\.\d+ +0\.[89]\d+\n2 +2\.\d+ +(1\.0|0\.9)/,
  "flow-likelihood": /learned -3\.\d+ +true -3\.\d+\n.*nats +0\.[0-2]/,
  "flow-rectified": /flow +[1-9]\.\d+ .* [1-9]\.\d+\nrectified +0\.[01]\d+ .* 0\.[01]/,
  "flow-mean": /\nflow +[1-9]\.\d+\nmean flow +0\.[01]/,
  diffusion: /100 evaluations +0\.0[0-6]\d* +0\.0[0-6]\d* +0\.0[0-6]/,
  theorem:
    /conditional loss +[1-9]\d\.\d\nmarginal - conditional +(0\.[3-9]|1\.[0-4])\d*\nmarginal of other.* +[1-9]\d*\./,
  "image-generation": /^([3-9]\d|100) of 100 digits recognised/,
  "train-unet1d": /loss 1\.\d+ -> [01]\.\d+ in 5 steps/,
  "gradient-divergence": /known +(\S+) +(\S+) +(\S+)\nexact +\1 +\2 +\3/,
  "onnx-export": /largest difference (0\.0e\+0|\d\.\de-([6-9]|\d\d))/,
  "robot-over-udp":
    /finished: [1-9]\d* ticks.* [1-9]\d* limited.*\ncommanded 1\.000,-0\.500, .*\nswitched off: stopped after \d+ ticks/,
  "onnx-foreign": /y +4\.5 {2}0 {2}0\.5 {2}0\nsum y\(2x\) 8\.5 {2}0\.5/,
};

const names = filesUnder("examples")
  .map((file) => file.replace(/^examples\/|\.ts$/g, ""))
  .filter((name) => !name.includes("/"));
const folder = mkdtempSync(join(tmpdir(), "advect-examples-"));

beforeAll(() => {
  vi.stubEnv("ADVECT_BUDGET", "small");
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe("the examples", () => {
  test.each(names)("%s prints what it promises", async (name) => {
    const lines: string[] = [];
    using _ = vi.spyOn(console, "log").mockImplementation((...values) => void lines.push(values.join(" ")));
    await import(`../../examples/${name}.ts`);
    expect(lines.join("\n")).toMatch(expected[name]!);
  });

  test("are at most 60 lines long", () => {
    const long = names.filter((name) => read(`examples/${name}.ts`).trimEnd().split("\n").length > 60);
    expect(long).toEqual([]);
  });

  test("are all in the list of examples/README.md, and nothing else is", () => {
    const listed = [...read("examples/README.md").matchAll(/^\| \[`([^`]+)`\]/gm)].map((match) => match[1]);
    expect(listed.sort()).toEqual(names);
  });
});

test("the first flow trains towards its data and exports what it trained", async () => {
  const lines: string[] = [];
  const report = await run({ folder, steps: 1000, log: (line) => lines.push(line) });
  expect(report.distance.samples).toBeLessThan(report.distance.noise / 2);
  expect(report.exportDifference).toBeLessThan(1e-5);
  expect(lines.at(-1)).toMatch(/^step 1000\/1000 {3}loss \d\.\d+ {3}\d+ steps\/s {3}0\.0 s left$/);
  expect(JSON.parse(readFileSync(join(folder, "report.json"), "utf8"))).toEqual(report);
  expect(readFileSync(join(folder, "picture.svg"), "utf8").match(/<path /g)).toHaveLength(4);
});
