import { describe, expect, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import { type Key, key, uniform } from "../../../src/engine/random/index.ts";
import {
  controlLoop,
  type EventKind,
  type LoopEvent,
  type Robot,
  simulatedTimer,
} from "../../../src/robot/control/index.ts";
import type { PolicySpec } from "../../../src/robot/policy/policy.ts";
import type { ActionDimension } from "../../../src/robot/safety/index.ts";
import type { Predict } from "./worlds.ts";

const dimensions: readonly ActionDimension[] = [
  { name: "joint", kind: "position", unit: "rad", low: -1, high: 1, maxRate: 4, maxAcceleration: 100 },
  { name: "wheel", kind: "velocity", unit: "m/s", low: -0.5, high: 2, maxAcceleration: 50 },
  { name: "nudge", kind: "delta", unit: "m", low: -0.1, high: 0.1, maxRate: 0.5 },
  { name: "motor", kind: "torque", unit: "Nm", low: -3, high: 3, maxRate: 20, maxAcceleration: 1000 },
];
const spec: PolicySpec = {
  name: "faulty",
  observation: { state: [4], force: [2] },
  obsHorizon: 2,
  horizon: 8,
  executeSteps: 3,
  stepSeconds: 0.02,
  action: dimensions,
};

/** A number that shall not be used, more often a sensible one, from a key. */
const number = (from: Key) => {
  const [choice = 0, size = 0] = uniform(from, [2]).data;
  if (choice < 0.1) return Number.NaN;
  if (choice < 0.2) return choice < 0.15 ? Number.POSITIVE_INFINITY : -1e300;
  return 20 * size - 10;
};
const wild = (from: Key, shape: readonly number[]) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ndarray(
    Float32Array.from({ length: size }, (_, i) => number(from.fold(i))),
    shape,
  );
};
const calm = (shape: readonly number[]) =>
  ndarray(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.1), shape);

/** Finite, and far outside of all limits. */
const rough = (from: Key, shape: readonly number[]) => {
  const data = uniform(from, shape, { low: -1, high: 1 }).data.map(
    (value) => 30 * value ** 21 * 1e5 + 2 * value,
  );
  return ndarray(data, shape);
};

type Fault = (from: Key, sleep: (ms: number) => Promise<void>) => unknown;
const never = () => new Promise<never>(() => {});
const thrown = (): never => {
  throw new Error("fault");
};

/** What an observation may be instead of one. */
const observationFaults: readonly Fault[] = [
  thrown,
  never,
  () => Promise.reject(new Error("sensor")),
  () => Promise.reject(undefined),
  (from) => ({ state: wild(from, [4]), force: calm([2]) }),
  () => ({ state: calm([4]) }),
  () => ({ state: calm([5]), force: calm([2]) }),
  () => ({ state: [1, 2, 3, 4], force: 0 }),
  () => null,
  () => undefined,
  () => calm([4]),
  async (_, sleep) => {
    await sleep(90);
    return { state: calm([4]), force: calm([2]) };
  },
];
/** What a chunk may be instead of one. */
const policyFaults: readonly Fault[] = [
  thrown,
  never,
  () => Promise.reject("not even an error"),
  (from) => ({ actions: wild(from, [8, 4]), nfe: 1 }),
  () => ({ actions: calm([8, 3]), nfe: 1 }),
  () => ({ actions: calm([4]), nfe: 1 }),
  () => ({ actions: ndarray(new Float64Array(32), [8, 4]), nfe: 1 }),
  () => ({ actions: { shape: [8, 4], dtype: "float32", data: new Float32Array(3) }, nfe: 1 }),
  () => undefined,
  () => ({}),
  async (_, sleep) => {
    await sleep(400);
    return { actions: calm([8, 4]), nfe: 1 };
  },
];

interface Plan {
  readonly mode: "synchronous" | "asynchronous";
  readonly seed: number;
  readonly faultsAtMost: number;
}

/** Runs a loop of which much goes wrong, and returns what went out, what was logged and how many faults there were. */
async function injected({ mode, seed, faultsAtMost }: Plan) {
  const timer = simulatedTimer();
  const root = key(seed);
  const issued: Float64Array[] = [];
  const events: EventKind[] = [];
  const stop = new AbortController();
  let [faults, asked] = [0, 0];
  const sleep = (ms: number) => timer.reach(timer.nowMs() + ms);
  const pick = (list: readonly Fault[], fine: () => unknown): unknown => {
    const from = root.fold(asked++);
    const [chance = 0, which = 0] = uniform(from, [2]).data;
    if (chance < 0.35) return fine();
    if (++faults >= faultsAtMost) stop.abort();
    return list[Math.floor(which * list.length)]!(from.fold("wild"), sleep);
  };
  const sometimes = (part: number, call: () => unknown) => {
    if (uniform(root.fold("callback").fold(asked++), [1]).data[0]! < part) call();
  };
  const robot: Robot<never> = {
    observe: () => pick(observationFaults, async () => ({ state: calm([4]), force: calm([2]) })) as never,
    act: ({ data }) => {
      issued.push(Float64Array.from(data));
      data.fill(Number.NaN); // the robot may do what it likes with its own array
      sometimes(0.05, thrown);
    },
    stop: thrown,
  };
  const wanted = () => async () => ({ actions: rough(root.fold(asked), [8, 4]), nfe: 1 });
  const policy = {
    spec,
    predict: (() => pick(policyFaults, wanted())) as unknown as Predict,
  };
  const report = await controlLoop({
    robot,
    policy,
    timer,
    key: root,
    mode,
    positionOf: ({ state }: { state: { data: ArrayLike<number> } }) => state.data,
    safeTorques: { motor: -1 },
    maxHoldSteps: 1e6,
    signal: stop.signal,
    recorder: { tick: () => sometimes(0.2, thrown), close: never },
    log: ({ kind }: LoopEvent) => {
      events.push(kind);
      sometimes(0.2, thrown);
    },
  } as never);
  return { issued, events, faults, report };
}

/** Largest excess over each limit. */
function excess(issued: readonly Float64Array[], i: number) {
  const { low, high, maxRate = Infinity, maxAcceleration = Infinity } = dimensions[i]!;
  const path = issued.map((action) => action[i]!);
  const steps = path.slice(1).map((value, k) => value - path[k]!);
  const changes = steps.slice(1).map((value, k) => value - steps[k]!);
  const dt = spec.stepSeconds;
  const over = (values: readonly number[], limit: number) =>
    values.reduce((worst, value) => Math.max(worst, Math.abs(value) - limit), -Infinity);
  return {
    finite: path.every(Number.isFinite),
    range: Math.max(...[low, ...path].map((value) => Math.max(low - value, value - high))),
    rate: over(steps, maxRate * dt),
    acceleration: over(changes, maxAcceleration * dt * dt),
  };
}

describe.each(["synchronous", "asynchronous"] as const)("5,000 faults in %s mode", (mode) => {
  test("no exception escapes, no action leaves its limits, and each fault is logged", async () => {
    const { issued, events, faults, report } = await injected({ mode, seed: 7, faultsAtMost: 5000 });
    expect(faults).toBeGreaterThanOrEqual(5000);
    expect(report.status).toBe("aborted");
    expect(issued.length).toBeGreaterThan(2000);
    for (let i = 0; i < dimensions.length; i++) {
      const worst = excess(issued, i);
      expect(worst.finite).toBe(true);
      expect(worst.range).toBeLessThanOrEqual(0);
      expect(worst.rate).toBeLessThanOrEqual(1e-12);
      expect(worst.acceleration).toBeLessThanOrEqual(1e-12);
    }
    const seen = events.filter((kind) => kind === "observation" || kind === "policy").length;
    // an answer that comes late and right is no fault of its own
    expect(seen).toBeGreaterThan(0.9 * faults);
    const { ticks } = report.statistics;
    expect(ticks.playing).toBeGreaterThan(500);
    expect(ticks.holding).toBeGreaterThan(500);
  });
});

test("a robot of which nothing works is told to stop, once, and the loop says why", async () => {
  let stops = 0;
  const robot: Robot<never> = { observe: never, act: thrown, stop: () => void stops++ };
  const report = await controlLoop({
    robot,
    policy: { spec, predict: never },
    timer: simulatedTimer(),
    key: key(1),
    mode: "asynchronous",
    positionOf: thrown,
    safeTorques: { motor: 0 },
    onStop: thrown,
  });
  expect(report).toMatchObject({ status: "stopped", reason: expect.stringContaining("without an action") });
  expect(report.statistics.ticks).toMatchObject({ blind: 51 });
  expect(stops).toBe(1);
});
