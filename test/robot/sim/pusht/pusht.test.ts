import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type AdvectError, array, key, ndarray, parseNpz } from "../../../../src/engine/index.ts";
import {
  cornerObservation,
  keypointObservation,
  pixelObservation,
  pushT,
  pushTScene,
  rasterize,
  stateObservation,
} from "../../../../src/robot/index.ts";
import { defaultGoal } from "../../../../src/robot/sim/pusht/block.ts";
import { type GoldenArray, goldenFile } from "../../../nn/golden-file.ts";

const human = goldenFile("pusht").cases.filter(({ name }) => name.startsWith("human_episode"));

describe("episodes recorded by people, replayed from reset({ seed }), equal every recorded float32 frame", () => {
  test.each(human.map((one) => [one.name, one] as const))("%s", (_, { inputs, expected }) => {
    const recorded = expected.recorded_float32_states as GoldenArray;
    const actions = (inputs.actions as GoldenArray).data;
    const environment = pushT();
    let observation = environment.reset({ seed: inputs.reset_seed as number });
    const seen: number[] = [];
    for (let i = 0; i < recorded.shape[0]!; i++) {
      seen.push(...observation.data);
      const action = ndarray(Float64Array.of(actions[2 * i]!, actions[2 * i + 1]!), [2]);
      observation = environment.step(action).observation;
    }
    expect([...Float32Array.from(seen)]).toEqual([...Float32Array.from(recorded.data)]);
  });

  test("and they are at least five", () => expect(human.length).toBeGreaterThanOrEqual(5));
});

describe("recorded camera frames", () => {
  const frames = parseNpz(
    readFileSync(new URL("../../../fixtures/pusht/frames.npz", import.meta.url)),
  ) as unknown as Record<"state" | "image" | "contacts", { data: Float32Array }>;
  const size = 96 * 96 * 3;
  const drawn = (i: number) => {
    const [x, y, blockX, blockY, angleRad] = frames.state.data.slice(5 * i, 5 * i + 5);
    const block = { x: blockX!, y: blockY!, angleRad: angleRad! };
    const scene = pushTScene({ agent: [x!, y!], block, goal: defaultGoal });
    return rasterize(scene, { width: 96, height: 96 }).data;
  };
  const wrong = (i: number) => {
    const image = drawn(i);
    const real = frames.image.data.slice(size * i, size * i + size);
    return Array.from({ length: 96 * 96 }, (_, p) => p).filter((p) =>
      [0, 1, 2].some((c) => image[3 * p + c] !== real[3 * p + c]),
    ).length;
  };
  const all = [...frames.contacts.data.keys()];

  test("are drawn to the pixel where nothing touches", () => {
    const free = all.filter((i) => frames.contacts.data[i] === 0);
    expect(free.map(wrong)).toEqual(free.map(() => 0));
    expect(free.length).toBe(10);
  });

  test("lack only the reference's red mark at a contact", () => {
    const touching = all.filter((i) => frames.contacts.data[i] !== 0);
    expect(Math.max(...touching.map(wrong))).toBeLessThanOrEqual(10);
    expect(touching.length).toBe(2);
  });
});

describe("an environment", () => {
  test("gives equal episodes for equal keys, and others for others", () => {
    const environment = pushT();
    const first = environment.reset({ key: key(1) });
    expect(environment.reset({ key: key(1) })).toEqual(first);
    expect(environment.reset({ key: key(2) })).not.toEqual(first);
    const [x, y, blockX, blockY] = first.data;
    for (const place of [x!, y!]) expect(place).toSatisfy((p: number) => p >= 50 && p < 450);
    expect(Math.hypot(blockX! - 250, blockY! - 250)).toBeLessThan(300);
  });

  test("is reset to a state that it gave, when the angle is set first", () => {
    const environment = pushT({ order: "angle-then-position" });
    environment.reset({ seed: 3 });
    for (let i = 0; i < 20; i++) environment.step(array([50 + 15 * i, 300]));
    const state = environment.state();
    expect(environment.reset({ state })).toEqual(state);
  });

  test("turns the block about its centre of gravity in the published order", () => {
    const state = ndarray(Float64Array.of(0, 10, 20, 30, 1), [5]);
    const [, , x, y, angle] = pushT().reset({ state }).data;
    expect([x, y, angle]).toEqual([57.86619431635534, 50.686396235933714, 1]);
  });

  test("observes corners, keypoints and pixels of the same world", () => {
    const seen = [stateObservation, keypointObservation, cornerObservation].map((observe) =>
      pushT({ observe }).reset({ seed: 5 }),
    );
    expect(seen.map(({ shape }) => shape)).toEqual([[5], [20], [18]]);
    const [state, keypoints, corners] = seen.map(({ data }) => [...data]) as [number[], number[], number[]];
    expect(keypoints.slice(18)).toEqual(state.slice(0, 2));
    expect(corners.slice(16)).toEqual(state.slice(0, 2));
    expect((corners[0]! + corners[2]!) / 2).toBeCloseTo(state[2]!, 10);
    const { image, agent } = pushT({ observe: pixelObservation({ size: 64 }) }).reset({ seed: 5 });
    expect([...agent.data]).toEqual(state.slice(0, 2));
    expect(image.shape).toEqual([64, 64, 3]);
    const at = 3 * (64 * Math.floor(agent.data[1]! / 8) + Math.floor(agent.data[0]! / 8));
    expect([...image.data.slice(at, at + 3)]).toEqual([78, 126, 255]);
  });

  test("succeeds on the goal, not beside it, and is cut off after maxSteps", () => {
    const environment = pushT({ order: "angle-then-position", maxSteps: 2 });
    const away = array([20, 20]);
    environment.reset({ state: ndarray(Float64Array.of(20, 20, 256, 256, Math.PI / 4), [5]) });
    expect(environment.step(away)).toMatchObject({
      success: true,
      terminated: true,
      truncated: false,
      reward: 1,
    });
    environment.reset({ state: ndarray(Float64Array.of(20, 20, 262, 256, Math.PI / 4), [5]) });
    const beside = environment.step(away);
    expect(beside.success).toBe(false);
    expect(beside.reward).toBeCloseTo(beside.coverage / 0.95, 12);
    expect(environment.step(away).truncated).toBe(true);
  });

  const bad = [
    ["NaN", array([Number.NaN, 0]), "numerical"],
    ["infinity", array([0, Number.POSITIVE_INFINITY]), "numerical"],
    ["three numbers", array([1, 2, 3]), "shape"],
    ["a batch", array([[1, 2]]), "shape"],
    ["nothing", undefined as never, "shape"],
    ["a list", [1, 2] as never, "shape"],
  ] as const;
  test.each(bad)("refuses %s as an action, and goes on unharmed", (_, action, kind) => {
    const environment = pushT();
    const before = environment.reset({ seed: 0 });
    expect(() => environment.step(action)).toThrow(expect.objectContaining({ name: "AdvectError", kind }));
    expect(environment.state()).toEqual(before);
  });

  test("refuses starts that are none, and steps before the first", () => {
    const kindOf = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        return (error as AdvectError).kind;
      }
      return "no error";
    };
    expect(kindOf(() => pushT().reset({ seed: -1 }))).toBe("option");
    expect(kindOf(() => pushT().reset({ seed: 0.5 }))).toBe("option");
    expect(kindOf(() => pushT().reset({ state: array([1, 2]) }))).toBe("shape");
    expect(kindOf(() => pushT().reset({ state: array([1, 2, 3, 4, Number.NaN]) }))).toBe("numerical");
    expect(kindOf(() => pushT().step(array([1, 2])))).toBe("option");
    expect(kindOf(() => pushT().state())).toBe("option");
    expect(kindOf(() => pushT().scene())).toBe("option");
    expect(kindOf(() => pushT({ observe: pixelObservation({ size: 0 }) }).reset({ seed: 0 }))).toBe("option");
  });
});
