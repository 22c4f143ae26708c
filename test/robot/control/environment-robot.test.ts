import { describe, expect, test } from "vitest";
import { type NdArray, ndarray } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { controlLoop, delayed, environmentRobot, simulatedTimer } from "../../../src/robot/control/index.ts";
import type { Policy, PolicySpec } from "../../../src/robot/policy/policy.ts";
import { type NavigationStep, navigation, pushT } from "../../../src/robot/sim/index.ts";

const spec: PolicySpec = {
  name: "up and over",
  observation: { place: [2] },
  obsHorizon: 1,
  horizon: 8,
  executeSteps: 4,
  stepSeconds: 0.1,
  action: ["x", "y"].map((name) => ({ name, kind: "velocity", unit: "m/s", low: -1, high: 1 })),
};

/** Above the disc in the middle, then to the goal, from wherever it is. */
const predict: Policy["predict"] = async ({ observation }) => {
  const [x = 0, y = 0] = observation.place!.data;
  const towards = x < 0 ? [0 - x, 0.6 - y] : [0.8 - x, 0 - y];
  const length = Math.hypot(...towards);
  const row = towards.map((part) => (0.8 * part) / Math.max(length, 0.1));
  return { actions: ndarray(Float32Array.from(Array.from({ length: 8 }, () => row).flat()), [8, 2]), nfe: 1 };
};

async function driven(mode: "synchronous" | "asynchronous", latencyMs = 0) {
  const timer = simulatedTimer();
  const steps: NavigationStep[] = [];
  const over = new AbortController();
  const robot = environmentRobot({
    environment: navigation(),
    start: { key: key("start") },
    frameOf: (place: NdArray) => ({ place }),
    onStep(result: NavigationStep) {
      steps.push(result);
      if (result.terminated || result.truncated) over.abort("the episode is over");
    },
  });
  const policy = delayed({ spec, predict }, { timer, latencyMs: () => latencyMs });
  const options = { robot, policy, timer, key: key("chunks"), signal: over.signal, mode };
  return { steps, timer, report: await controlLoop(options) };
}

describe("an environment as a robot", () => {
  test("is driven to its goal in simulated time", async () => {
    const { steps, report, timer } = await driven("synchronous");
    expect(steps.at(-1)).toMatchObject({ success: true });
    expect(steps.some(({ collided }) => collided)).toBe(false);
    expect(report).toMatchObject({ status: "aborted", reason: "the episode is over", steps: steps.length });
    expect(timer.nowMs()).toBe(100 * (steps.length - 1));
  });

  test("is driven by a policy that takes its time, too", async () => {
    const { steps, report } = await driven("asynchronous", 150);
    expect(steps.at(-1)).toMatchObject({ success: true });
    expect(report.statistics.inference).toMatchObject({ p50Ms: 150, maxMs: 150 });
    expect(report.statistics.misses.total).toBe(0);
  });

  test("gives what reset and step give", async () => {
    const [world, same] = [pushT(), pushT()];
    const robot = environmentRobot({ environment: world, start: { seed: 3 } });
    expect(await robot.observe()).toEqual(same.reset({ seed: 3 }));
    const action = ndarray(Float64Array.of(200, 300), [2]);
    robot.act(action);
    expect(await robot.observe()).toEqual(same.step(action).observation);
  });
});
