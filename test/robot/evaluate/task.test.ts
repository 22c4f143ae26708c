import { expect, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import {
  cornerObservation,
  keypointObservation,
  pushT,
  stateObservation,
  taskOf,
} from "../../../src/robot/index.ts";

const move = ndarray(Float64Array.of(100, 400), [2]);

test("PushT shows the features that data sets of it have, by name and shape", () => {
  const observation = {
    "observation.state": [2],
    "observation.environment_state": [16],
    "observation.keypoints": [20],
    "observation.image": [96, 96, 3],
  };
  const world = taskOf("pusht").environment({ observation });
  world.reset({ seed: 5 });
  const { observation: frame, facts, reward } = world.step(move);
  const seen = (observe: typeof stateObservation) => {
    const own = pushT({ observe });
    own.reset({ seed: 5 });
    return own.step(move).observation.data;
  };
  expect(Object.keys(frame)).toEqual(Object.keys(observation));
  expect(frame["observation.state"]!.data).toEqual(seen(stateObservation).slice(0, 2));
  expect(frame["observation.environment_state"]!.data).toEqual(seen(cornerObservation).slice(0, 16));
  expect(frame["observation.keypoints"]!.data).toEqual(seen(keypointObservation));
  expect(frame["observation.image"]!.shape).toEqual([96, 96, 3]);
  expect(reward).toBeCloseTo(Math.min(1, Number(facts.coverage) / 0.95), 12);
});

test("collisions of an episode are counted, from its start on", () => {
  const world = taskOf("navigation").environment({ observation: { "observation.state": [2] } });
  const ahead = ndarray(Float64Array.of(1, 0), [2]);
  for (const _ of [1, 2]) {
    world.reset({ state: ndarray(Float64Array.of(-0.45, 0), [2]) });
    expect(world.step(ahead).facts).toEqual({ collisions: 1, way: "none" });
    expect(world.step(ahead).facts).toEqual({ collisions: 2, way: "none" });
  }
});

test("unknown tasks and features are refused", () => {
  expect(() => taskOf("toString")).toThrow("taskOf: expected one of pusht, navigation, got toString");
  const wrong = () => taskOf("pusht").environment({ observation: { "observation.state": [7] } });
  expect(wrong).toThrow(
    /^pusht: expected features among observation.state \[5\], .* got observation.state \[7\]/,
  );
});
