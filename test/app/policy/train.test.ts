import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { policyTask, readPolicyRecipe, trainPolicyRecipe } from "../../../src/app/index.ts";
import { episodesFromArrays, writeEpisodes } from "../../../src/data/index.ts";
import { key, loadOnnx, ndarray, normal } from "../../../src/engine/index.ts";
import { loadPolicy, pushT } from "../../../src/robot/index.ts";
import { advect, temporaryFolder } from "../../cli/harness.ts";

/** Three joints that follow a wave; what is commanded is where they are next. */
async function recording(folder: string, rename = {}): Promise<string> {
  const [episodes, length] = [6, 24];
  const rows = episodes * length;
  const at = (i: number, j: number) => 30 * Math.sin(0.3 * (i % length) + j) + Math.floor(i / length);
  const columns = (ahead: number) =>
    ndarray(
      Float32Array.from({ length: rows * 3 }, (_, k) => at(Math.floor(k / 3) + ahead, k % 3)),
      [rows, 3],
    );
  const set = episodesFromArrays({
    fps: 20,
    task: "Wave.",
    arrays: {
      "observation.state": columns(0),
      "observation.force": normal(key("force"), [rows, 2]),
      action: columns(1),
      ...rename,
    },
    episodeEnds: Array.from({ length: episodes }, (_, i) => (i + 1) * length),
    names: { action: ["base", "arm", "hand"] },
  });
  await writeEpisodes(`${folder}/data`, set);
  return `${folder}/data`;
}

const quick = [
  ...["--threads", "1"],
  ...["model={kind: residualMlp, hidden: 32, depth: 1}", "training.steps=40", "training.batch=32"].flatMap(
    (set) => ["--set", set],
  ),
];

describe("advect train policy --data", () => {
  test("derives what the policy sees and does from the data, and compares it on episodes that it did not see", async () => {
    const folder = temporaryFolder();
    const data = await recording(folder);
    const out = `${folder}/run`;
    const { code, stdout, stderr } = await advect([
      ...["train", "policy", "--data", data, "--out", out, "--json", ...quick],
    ]);
    expect(stderr).not.toContain("error");
    expect(code).toBe(0);
    const { report } = JSON.parse(stdout);
    const { policy: error, regression, holdLast } = report.actionErrors;
    for (const { perStep, count } of [error, regression, holdLast]) {
      expect(perStep.length).toBe(16);
      expect(count).toBe(23);
      expect(perStep.every((value: number) => value > 0 && Number.isFinite(value))).toBe(true);
    }
    expect(holdLast.perStep[0]).toBeLessThan(holdLast.perStep[5]);
    expect(existsSync(`${out}/figures/action-errors.svg`)).toBe(true);
    using policy = await loadPolicy(out);
    expect(policy.spec).toMatchObject({
      name: "policy",
      stepSeconds: 0.05,
      observation: { "observation.state": [3], "observation.force": [2] },
    });
    expect(policy.spec.action.map(({ name }) => name)).toEqual(["base", "arm", "hand"]);
    const [base] = policy.spec.action;
    expect(base!.low).toBeLessThan(-30);
    expect(base!.high).toBeGreaterThan(35);
  });

  test("takes the features that it is told, and exports the policy", async () => {
    const folder = temporaryFolder();
    const data = await recording(folder, { "command.arm": normal(key("other"), [144, 2]) });
    const out = `${folder}/run`;
    const features = ["--obs", "observation.state", "--action", "command.arm"];
    const more = ["--set", "baseline=false", "--set", "training.steps=3"];
    await advect(["train", "policy", "--data", data, ...features, "--out", out, ...quick, ...more]);
    using policy = await loadPolicy(out);
    expect(Object.keys(policy.spec.observation)).toEqual(["observation.state"]);
    expect(policy.spec.action.length).toBe(2);
    const { code, stderr } = await advect(["export", out, "--out", `${folder}/policy.onnx`]);
    expect([code, stderr]).toEqual([0, ""]);
    using model = await loadOnnx(`${folder}/policy.onnx`);
    expect(model.inputs.map(({ name }) => name)).toEqual(["observation.state", "noise"]);
    expect(model.outputs.map(({ name }) => name)).toEqual(["actions"]);
  });

  test("asks for data, and says which features there are", async () => {
    const folder = temporaryFolder();
    const without = await advect(["train", "policy", "--out", `${folder}/a`, ...quick]);
    expect([without.code, without.stderr]).toEqual([2, expect.stringContaining("--data")]);
    const data = await recording(folder);
    const missing = ["--obs", "observation.joints"];
    const { code, stderr } = await advect([
      "train",
      "policy",
      "--data",
      data,
      ...missing,
      "--out",
      `${folder}/a`,
    ]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("observation.state")]);
    expect(existsSync(`${folder}/a`)).toBe(false);
  });
});

describe("a run of a policy", () => {
  const text = `kind: policy
name: tiny
data: { kind: navigation, count: 4 }
model: { kind: residualMlp, hidden: 16, depth: 1 }
training: { batch: 32, steps: 6, checkpoint: { every: 2 } }
`;
  const train = (folder: string, set: readonly string[] = [], resume = false) =>
    trainPolicyRecipe({ recipe: readPolicyRecipe(text, { set }), folder, resume, threads: 1 });
  const weights = (folder: string) => readFileSync(`${folder}/checkpoints/step-00000006/ema.safetensors`);

  test("that was stopped goes on to the same bits", async () => {
    const folder = temporaryFolder();
    await train(`${folder}/whole`);
    const [none, rest] = [new AbortController(), `${folder}/parts`];
    const recipe = readPolicyRecipe(text);
    let lines = 0;
    const progress = { to: { write: () => (++lines === 1 ? none.abort() : undefined) } };
    const first = await trainPolicyRecipe({
      recipe,
      folder: rest,
      threads: 1,
      signal: none.signal,
      progress,
    });
    expect(first.reason).toBe("aborted");
    expect(first.step).toBeLessThan(6);
    expect((await train(rest, [], true)).reason).toBe("steps");
    expect(weights(rest)).toEqual(weights(`${folder}/whole`));
  });

  test("goes on only with the same task", async () => {
    const folder = `${temporaryFolder()}/run`;
    await train(folder, ["training.steps=2"]);
    await expect(train(folder, ["horizon=8", "executeSteps=4"], true)).rejects.toThrow("one with another");
  });
});

describe("the recipe of PushT", () => {
  test("sees what the environment shows, in the numbers of the published protocol", async () => {
    const recipe = readPolicyRecipe(readFileSync("recipes/pusht.yaml", "utf8"), { folder: "recipes" });
    const { design, train, choices, heldOut } = await policyTask(recipe);
    expect(heldOut).toBeUndefined();
    expect(train.episodes.length).toBe(412); // with the mirror images
    expect(design.spec).toMatchObject({ obsHorizon: 2, horizon: 16, executeSteps: 8, stepSeconds: 0.1 });
    expect(choices.action).toEqual({ shift: 256, scale: 256 });
    const agent = train.columns["observation.state"]!.data;
    const seen = pushT().reset({ seed: 0 }).data;
    expect(Number(agent[0])).toBeCloseTo(seen[0]!, 3);
  });
});
