import { expect, test } from "vitest";
import { contactSheet, livePusht, replayed, replayFrames } from "../../../src/app/pusht/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { evaluate, pushT, rasterize, simulatedTimer } from "../../../src/robot/index.ts";
import { policy } from "../../robot/evaluate/policies.ts";

const played = async () => {
  const { episodes } = await evaluate({
    task: "pusht",
    policy: policy({ kind: "noise" }),
    seeds: [7, 8],
    maxSteps: 20,
    latencyCount: 0,
  });
  return episodes;
};

test("a replay shows the start, and ends where the episode did", async () => {
  const [episode] = await played();
  const scenes = replayed(episode!, 8);
  expect(scenes.length).toBe(4); // the start, steps 8 and 16, and the last
  const world = pushT();
  world.reset({ seed: 7 });
  expect(scenes[0]).toEqual(world.scene());
  const agentOf = (scene: (typeof scenes)[number]) => scene.marks.find(({ kind }) => kind === "disc");
  expect(agentOf(scenes.at(-1)!)).toMatchObject({ center: episode!.finalState.slice(0, 2) });
});

test("a contact sheet has a tile for each episode, red where it failed, green where it did not", async () => {
  const [first, second] = await played();
  const { shape, data } = contactSheet([first!, { ...second!, success: true }], { size: 32, columns: 2 });
  expect(shape).toEqual([38, 76, 3]);
  expect(Array.from(data.subarray(0, 3))).toEqual([222, 60, 60]);
  expect(Array.from(data.subarray(3 * 75, 3 * 76))).toEqual([60, 168, 90]);
  const inside = rasterize(replayed(first!).at(-1)!, { width: 32, height: 32 });
  const row = 3 * (3 + 16) * 76;
  expect(data.subarray(row + 9, row + 9 + 96)).toEqual(inside.data.subarray(3 * 32 * 16, 3 * 32 * 17));
});

test("films are as long as the longest episode", async () => {
  const [first, second] = await played();
  const short = { ...second!, actions: second!.actions.slice(0, 4) };
  const frames = replayFrames([first!, short], { size: 16, every: 2 });
  expect(frames.length).toBe(11);
  expect(frames[10]!.shape).toEqual([22, 44, 3]);
});

test("an episode against the clock moves on at every tick", async () => {
  const steps: number[] = [];
  const report = await livePusht({
    policy: policy({ kind: "constant" }),
    seed: 3,
    key: key(0),
    timer: simulatedTimer(),
    maxSteps: 25,
    shown: ({ step }) => steps.push(step),
  });
  expect(steps).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
  expect(report).toMatchObject({ seed: 3, steps: 25, success: false, loop: { status: "finished" } });
  expect(report.loop.statistics.misses.total).toBe(0);
  expect(report.loop.statistics.inference.count).toBe(4); // 8 actions of each chunk
});
