import { describe, expect, test, vi } from "vitest";
import { controlLoop, type LoopEvent, simulatedTimer, type Tick } from "../../../src/robot/control/index.ts";
import { chunkOf, frameAt, type JointFrame, joined, jointRobot, type Predict, spec, stay } from "./worlds.ts";

/** Requests of a policy, noted as it stays where it is. */
function noted(latencyMs = 0, timer = simulatedTimer()) {
  const asked: Parameters<Predict>[0][] = [];
  const predict: Predict = async (request) => {
    asked.push(request);
    await timer.reach(timer.nowMs() + latencyMs);
    return stay(request);
  };
  return { asked, predict, timer };
}

const recorder = () => {
  const ticks: Tick<JointFrame>[] = [];
  return { ticks, tick: (tick: Tick<JointFrame>) => void ticks.push(tick), close: async () => {} };
};

describe("in synchronous mode", () => {
  test("every executeSteps ticks a chunk is asked for, and its first rows play", async () => {
    const { asked, predict, timer } = noted();
    const told = recorder();
    const options = joined(predict, { timer, recorder: told, maxSteps: 12 });
    const report = await controlLoop(options);
    expect(report).toMatchObject({ status: "finished", steps: 12 });
    expect(asked).toHaveLength(3);
    expect(told.ticks.map(({ chunk }) => chunk)).toEqual([0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8]);
    expect(told.ticks.map(({ dueMs }) => dueMs)).toEqual(Array.from({ length: 12 }, (_, i) => 20 * i));
    expect(report.statistics.misses).toEqual({ total: 0, late: 0, empty: 0, skipped: 0 });
  });

  test("row i of a chunk is for the tick of its observation + i", async () => {
    const options = joined(async () => chunkOf(0.25, 0.001), { maxSteps: 6 });
    await controlLoop(options);
    const rows = [0, 1, 2, 3, 0, 1].map((i) => Math.fround(0.25 + i * 0.001));
    expect(options.robot.commands).toEqual(rows.map((row) => expect.closeTo(row, 9)));
  });

  test("the observation holds the last frames, and the first one stands for those before it", async () => {
    const { asked, predict, timer } = noted();
    let count = 0;
    const robot = { ...jointRobot(), observe: async () => frameAt(count++ / 100) };
    await controlLoop(joined(predict, { timer, robot, maxSteps: 5 }));
    const states = asked.map(({ observation }) => [...observation["observation.state"]!.data]);
    expect(states).toEqual([
      [0, 0],
      [Math.fround(0.03), Math.fround(0.04)],
    ]);
  });

  test("the same key gives every chunk the same noise, tick by tick", async () => {
    const first = noted();
    await controlLoop(joined(first.predict, { timer: first.timer }));
    const second = noted();
    await controlLoop(joined(second.predict, { timer: second.timer, executeSteps: 2 }));
    const words = (asked: typeof first.asked) => asked.map(({ key }) => `${key.words}`);
    expect(words(second.asked).filter((_, i) => i % 2 === 0)).toEqual(words(first.asked));
  });
});

describe("in asynchronous mode", () => {
  test("the chunk plays on while the next one is computed, whose past rows are left out", async () => {
    const { asked, predict, timer } = noted(30);
    const told = recorder();
    const report = await controlLoop(
      joined(predict, { timer, mode: "asynchronous", recorder: told, maxSteps: 14 }),
    );
    expect(told.ticks.map(({ chunk }) => chunk ?? "-").join(" ")).toBe("- - 0 0 0 0 4 4 4 4 8 8 8 8");
    expect(told.ticks.slice(0, 3).map(({ state }) => state)).toEqual(["blind", "waiting", "playing"]);
    expect(report.statistics.delaySteps).toEqual([0, 0, 3]);
    expect(report.statistics.misses.total).toBe(0);
    expect(report.statistics.inference.maxMs).toBe(30);
    expect(asked).toHaveLength(4);
  });

  test("the policy is told what is promised, and how much of it will have been executed", async () => {
    const { asked, predict, timer } = noted(30);
    await controlLoop(joined(predict, { timer, mode: "asynchronous", maxSteps: 7 }));
    expect(asked.map(({ committed }) => committed?.delaySteps)).toEqual([undefined, 2]);
    expect(asked[1]!.committed!.actions).toMatchObject({ shape: [4, 1] });
  });

  test("when no chunk comes in time the rest of the old one plays, then positions hold", async () => {
    const timer = simulatedTimer();
    let chunks = 0;
    const predict: Predict = async () => {
      if (chunks++ > 0) return new Promise(() => {});
      return chunkOf(0.25, 0.01);
    };
    const told = recorder();
    const onStop = vi.fn();
    const options = joined(predict, { timer, mode: "asynchronous", recorder: told, maxHoldSteps: 5, onStop });
    const report = await controlLoop(options);
    const states = told.ticks.map(({ state }) => state[0]).join("");
    expect(states).toBe("bppppppphhhhhh");
    const held = options.robot.commands.slice(8);
    expect(new Set(held).size).toBe(1);
    expect(report.status).toBe("stopped");
    expect(onStop).toHaveBeenCalledExactlyOnceWith(report.reason);
    expect(options.robot.stops).toBe(1);
    expect(report.statistics.misses.empty).toBe(6);
  });

  test("a chunk that was given up is told so, and is not played when it comes after all", async () => {
    const timer = simulatedTimer();
    const signals: AbortSignal[] = [];
    const predict: Predict = async ({ signal }) => {
      signals.push(signal!);
      await timer.reach(timer.nowMs() + 100);
      return chunkOf(0.9);
    };
    const options = joined(predict, { timer, mode: "asynchronous", maxSteps: 20 });
    await controlLoop(options);
    expect(signals[0]!.aborted).toBe(true);
    expect(new Set(options.robot.commands)).toEqual(new Set([0.25]));
  });
});

describe("before the first chunk", () => {
  test("positions hold where the robot was measured", async () => {
    const options = joined(() => Promise.reject(new Error("no")), { maxSteps: 3 });
    const report = await controlLoop(options);
    expect(options.robot.commands).toEqual([0.25, 0.25, 0.25]);
    expect(report.statistics).toMatchObject({ ticks: { waiting: 3 }, misses: { total: 0 } });
  });

  test("nothing goes out while not even that is known", async () => {
    const robot = { ...jointRobot(), observe: () => Promise.reject(new Error("no sensor")) };
    const report = await controlLoop(joined(stay, { robot, maxSteps: 3 }));
    expect(robot.commands).toEqual([]);
    expect(report.statistics).toMatchObject({ ticks: { blind: 3 }, events: { observation: 3 } });
  });

  test("velocities begin at 0, and torques at what the user calls safe", async () => {
    const kinds = (kind: "velocity" | "torque") => ({
      spec: { ...spec, action: [{ ...spec.action[0]!, kind }] },
      predict: () => Promise.reject(new Error("no")),
    });
    const moving = joined(stay, { policy: kinds("velocity"), maxSteps: 2 });
    await controlLoop(moving);
    expect(moving.robot.commands).toEqual([0, 0]);
    const pushing = joined(stay, { policy: kinds("torque"), maxSteps: 2, safeTorques: { joint: 0.5 } });
    await controlLoop(pushing);
    expect(pushing.robot.commands).toEqual([0.5, 0.5]);
    await expect(controlLoop(joined(stay, { policy: kinds("torque") }))).rejects.toThrow(/safeTorques/);
  });
});

describe("a loop", () => {
  test("stops when it has held for too long, and not when chunks come back before", async () => {
    let count = 0;
    const flaky: Predict = async (request) => {
      if (count++ % 5 > 0) throw new Error("no");
      return stay(request);
    };
    const report = await controlLoop(joined(flaky, { executeSteps: 1, maxHoldSteps: 4, maxSteps: 100 }));
    expect(report).toMatchObject({ status: "finished", statistics: { ticks: { playing: 20, holding: 80 } } });
    count = 0;
    const given = await controlLoop(joined(flaky, { executeSteps: 1, maxHoldSteps: 3, maxSteps: 100 }));
    expect(given).toMatchObject({
      status: "stopped",
      reason: "4 steps without an action of a chunk",
      steps: 5,
    });
  });

  test("goes on where ticks passed while the thread was busy, and counts them as missed", async () => {
    const timer = simulatedTimer();
    const robot = jointRobot();
    let moving = 0;
    const slow = {
      nowMs: () => timer.nowMs() + moving,
      reach: (timeMs: number) => timer.reach(timeMs - moving),
      at: (timeMs: number, call: () => void) => timer.at(timeMs - moving, call),
    };
    const act: typeof robot.act = (action) => {
      if (robot.commands.length === 5) moving += 70;
      robot.act(action);
    };
    const options = joined(stay, { timer: slow, robot: { ...robot, act }, maxSteps: 20 });
    const { statistics } = await controlLoop(options);
    expect(statistics.ticks).toMatchObject({ skipped: 2, playing: 18 });
    expect(statistics.misses).toMatchObject({ skipped: 2, late: 2, total: 4 });
  });

  test("ends after the tick in which its signal aborts", async () => {
    const stop = new AbortController();
    const robot = jointRobot();
    const act: typeof robot.act = (action) => {
      robot.act(action);
      if (robot.commands.length === 3) stop.abort(new Error("enough"));
    };
    const report = await controlLoop(joined(stay, { robot: { ...robot, act }, signal: stop.signal }));
    expect(report).toMatchObject({ status: "aborted", reason: "enough", steps: 3 });
  });

  test("reports every clamp", async () => {
    const events: LoopEvent[] = [];
    const told = recorder();
    const jump: Predict = async () => chunkOf(2);
    await controlLoop(joined(jump, { log: (event) => events.push(event), recorder: told, maxSteps: 2 }));
    expect(events.map(({ kind, tick }) => [kind, tick])).toEqual([
      ["clamp", 0],
      ["clamp", 1],
    ]);
    expect(events[0]!.message).toMatch(/^joint: 2 wanted, 0\.29\d* given \(acceleration\)$/);
    expect(told.ticks[1]!.clamps).toMatchObject([{ dimension: "joint", wanted: 2 }]);
  });

  test.each([
    ["positionOf", { positionOf: undefined }],
    ["hz", { hz: 0 }],
    ["playSteps", { playSteps: 9 }],
    ["playSteps", { executeSteps: 5, playSteps: 4 }],
    ["executeSteps", { executeSteps: 8, mode: "asynchronous" as const }],
    ["maxHoldSteps", { maxHoldSteps: Number.NaN }],
  ])("refuses to start with a %s that cannot be", async (name, wrong) => {
    const starting = controlLoop({ ...joined(stay), ...wrong } as never);
    await expect(starting).rejects.toMatchObject({ kind: "option", message: expect.stringContaining(name) });
  });
});
