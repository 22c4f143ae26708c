import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import { key, normal } from "../../../src/engine/random/index.ts";
import { type EvaluateOptions, evaluate } from "../../../src/robot/evaluate/index.ts";
import { pushT } from "../../../src/robot/sim/index.ts";
import { savedPolicy } from "../../app/pusht/tiny.ts";
import { policy, type Script, source } from "./policies.ts";

const seedsFrom = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

const noisy: EvaluateOptions = {
  task: "pusht",
  policy: source({ kind: "noise" }),
  seeds: seedsFrom(3, 7),
  groupSize: 3,
  maxSteps: 60,
  latencyCount: 0,
};

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "advect-evaluate-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return join(path, "one that", "is made");
}

test("episodes are those that the simulator plays from their seeds and actions", async () => {
  const { episodes, evaluation } = await evaluate({ ...noisy, policy: policy({ kind: "noise" }) });
  for (const episode of episodes) {
    const world = pushT({ maxSteps: 60 });
    world.reset({ seed: episode.seed });
    const rewards = episode.actions.map(
      (action) => world.step(ndarray(Float64Array.from(action), [2])).reward,
    );
    expect(episode.steps).toBe(60);
    expect(episode.maxReward).toBe(Math.max(...rewards));
    expect(episode.finalState).toEqual(Array.from(world.state().data));
  }
  const rewards = episodes.map(({ maxReward }) => maxReward);
  expect(evaluation.meanMaxReward).toBeCloseTo(rewards.reduce((a, b) => a + b) / 7, 12);
  expect(evaluation).toMatchObject({ policy: "noise", episodes: 7, nfe: 5, successRate: 0, belowCount: 7 });
  expect(evaluation.seeds).toEqual(seedsFrom(3, 7));
});

test("noise belongs to the seed and the chunk", async () => {
  const { episodes } = await evaluate({ ...noisy, noiseSeed: 4 });
  const own = key(4).fold("evaluate").fold(5);
  const expected = (chunk: number, step: number) =>
    Array.from(normal(own.fold(chunk).fold(step), [2], { mean: 256, std: 60 }).data);
  const { actions, chunks } = episodes.find(({ seed }) => seed === 5)!;
  expect(chunks).toBe(8); // 60 steps, 8 for each
  expect([actions[0], actions[7], actions[8], actions[59]]).toEqual([
    expected(0, 0),
    expected(0, 7),
    expected(1, 0),
    expected(7, 3),
  ]);
});

test("workers and groups change nothing", async () => {
  const { episodes } = await evaluate(noisy);
  for (const change of [{ workers: 2 }, { groupSize: 7 }, { groupSize: 1 }]) {
    expect((await evaluate({ ...noisy, ...change })).episodes).toEqual(episodes);
  }
  expect((await evaluate({ ...noisy, noiseSeed: 1 })).episodes).not.toEqual(episodes);
});

test("policies from folders play alike in workers, in this thread and in other groups", async () => {
  const policyFolder = await savedPolicy(folder());
  const options = { ...noisy, policy: { folder: policyFolder, method: { steps: 2 } }, maxSteps: 24 } as const;
  const { episodes, evaluation } = await evaluate(options);
  expect(evaluation).toMatchObject({ policy: "pusht", nfe: 2 });
  expect((await evaluate({ ...options, workers: 1 })).episodes).toEqual(episodes);
  const alone = await evaluate({ ...options, groupSize: 1 });
  expect(alone.episodes.map(({ steps }) => steps)).toEqual(episodes.map(({ steps }) => steps));
  expect(alone.evaluation.meanMaxReward).toBeCloseTo(evaluation.meanMaxReward, 6);
  const other = evaluate({ ...options, policy: { folder: policyFolder, method: { stepz: 2 } as object } });
  await expect(other).rejects.toThrow("stepz");
});

test("an evaluation that is interrupted goes on, and ends as one that was not", async () => {
  const whole = await evaluate(noisy);
  const path = folder();
  const stop = new AbortController();
  const until = evaluate({
    ...noisy,
    folder: path,
    signal: stop.signal,
    progress: ({ done }) => done >= 3 && stop.abort("enough"),
  });
  await expect(until).rejects.toBe("enough");
  const file = join(path, "episodes.jsonl");
  const lines = readFileSync(file, "utf8").split("\n");
  expect(lines.length).toBeGreaterThan(3);
  writeFileSync(file, `${lines.slice(0, 4).join("\n").slice(0, -9)}`); // and the disk lost the end
  const seen: number[] = [];
  const rest = await evaluate({ ...noisy, folder: path, progress: ({ done }) => seen.push(done) });
  expect(rest.episodes).toEqual(whole.episodes);
  expect(seen.at(-1)).toBe(7);
  const again = await evaluate({ ...noisy, folder: path, progress: () => expect.unreachable() });
  expect(again.evaluation).toEqual(whole.evaluation);
  expect(JSON.parse(readFileSync(join(path, "evaluation.json"), "utf8"))).toEqual(whole.evaluation);
});

test("a folder takes no episodes of other settings", async () => {
  const path = folder();
  await evaluate({ ...noisy, seeds: [1], folder: path });
  for (const change of [{ noiseSeed: 1 }, { executeSteps: 4 }, { maxSteps: 50 }, { version: "later" }]) {
    await expect(evaluate({ ...noisy, ...change, seeds: [1], folder: path })).rejects.toThrow(
      /^evaluate: expected episodes of these settings .* Choose another folder/s,
    );
  }
});

test("a policy that averages two ways collides, and one that decides keeps both", async () => {
  const navigate = (kind: Script["kind"]) =>
    evaluate({
      task: "navigation",
      policy: policy({ kind }),
      seeds: seedsFrom(0, 40),
      executeSteps: 1,
      latencyCount: 0,
    });
  const [around, straight] = [await navigate("around"), await navigate("straight")];
  expect(around.evaluation).toMatchObject({ successRate: 1, belowCount: 0 });
  const ways = around.episodes.map(({ facts }) => facts.way);
  expect(ways.filter((way) => way === "above").length).toBeGreaterThan(8);
  expect(ways.filter((way) => way === "below").length).toBeGreaterThan(8);
  expect(around.episodes.every(({ facts }) => facts.collisions === 0)).toBe(true);
  expect(straight.evaluation.successRate).toBe(0);
  expect(straight.episodes.every(({ facts }) => Number(facts.collisions) > 0)).toBe(true);
});

test("latency is that of single predictions on the clock, and late ones are misses", async () => {
  let nowMs = 0;
  const slow = policy({ kind: "constant" });
  let calls = 0;
  const evaluated = await evaluate({
    ...noisy,
    seeds: [0],
    clock: { nowMs: () => nowMs },
    latencyCount: 50,
    policy: {
      ...slow,
      predict: (request) => {
        nowMs += calls++ === 30 ? 101 : 2;
        return slow.predict(request);
      },
    },
  });
  expect(evaluated.evaluation.latencyMs).toEqual({ p50: 2, p95: 2, p99: 101, max: 101 });
  expect(evaluated.evaluation.deadlineMisses).toBe(1);
});

test("constant commands have no jerk", async () => {
  const { evaluation } = await evaluate({ ...noisy, policy: policy({ kind: "constant" }) });
  expect(evaluation.jerk.inside.mean).toBe(0);
  expect(evaluation.jerk.boundary).toEqual({ mean: 0, count: 7 * 7 * 3 });
});

test("what cannot be evaluated is refused", async () => {
  const refused = (change: Partial<EvaluateOptions>) => expect(evaluate({ ...noisy, ...change })).rejects;
  await refused({ seeds: [] }).toThrow("evaluate: expected at least one seed, each once");
  await refused({ seeds: [1, 1] }).toThrow("each once");
  await refused({ seeds: [-1] }).toThrow("seeds that are integers >= 0");
  await refused({ policy: policy({ kind: "noise" }), workers: 1 }).toThrow("a policy by where it is");
  await refused({ executeSteps: 17 }).toThrow("chunks of at least 17 actions of 2 numbers, got shape [16,2]");
  await refused({ executeSteps: 17, workers: 2 }).toThrow("chunks of at least 17 actions");
  await refused({ task: "navigation" }).toThrow(
    "expected features among observation.state [2], got observation.environment_state",
  );
  await refused({ policy: { module: "data:text/javascript,export const a = 1" } }).toThrow(
    "expected a function policy",
  );
  await refused({ policy: { module: "file:///nowhere.js" } }).toThrow("loadSource: expected a module");
});
