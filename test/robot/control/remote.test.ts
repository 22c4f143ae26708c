import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { key, ndarray } from "../../../src/engine/index.ts";
import {
  type ActionChunk,
  controlLoop,
  exportPolicy,
  neuralPolicy,
  onnxPolicy,
  type Policy,
  type PolicyModel,
  type RemotePolicy,
  type RemoteSource,
  remote,
  savePolicy,
  systemTimer,
} from "../../../src/robot/index.ts";
import { observation, tinyDesign, tinySpec, tinyTraining } from "../policy/tiny.ts";

/** Ways to end, and to stop answering, the last thread that was started. */
const thread = vi.hoisted(() => ({ kill: () => {}, deaf: false }));

vi.mock("node:worker_threads", async (original) => {
  const module = await original<typeof import("node:worker_threads")>();
  class Worker extends module.Worker {
    constructor(url: URL) {
      super(url);
      thread.kill = () => void this.terminate();
    }
    override postMessage(message: unknown) {
      if (!thread.deaf) super.postMessage(message);
    }
  }
  return { ...module, Worker };
});

const folder = mkdtempSync(join(tmpdir(), "advect-remote-"));
let model: PolicyModel;
let local: Policy;

beforeAll(async () => {
  using training = await tinyTraining({ design: tinyDesign({ kind: "flow" }) });
  model = training.model();
  local = await neuralPolicy(model);
  await savePolicy(join(folder, "policy"), model);
});
afterAll(() => {
  local[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function opened(source: RemoteSource) {
  const policy = await remote(source);
  onTestFinished(() => policy[Symbol.dispose]());
  return policy;
}

const request = { observation, key: key("chunk") };
const onnx = () => ({ model: exportPolicy(model), spec: tinySpec, nfe: 5 });
const sources = [
  ["a folder", () => ({ folder: join(folder, "policy") })],
  ["a model", () => ({ model })],
  ["an ONNX file", () => ({ onnx: onnx() })],
] as const;

describe.each(sources)("a policy in a worker, from %s", (name, source) => {
  test("gives the chunks that it gives here", async () => {
    const policy = await opened(source());
    expect(policy.spec).toEqual(tinySpec);
    const requests = [request, { observation, key: key("other") }];
    const [chunk, other] = await policy.predictMany(requests);
    const expected = await local.predict(request);
    expect(chunk!.nfe).toBe(expected.nfe);
    if (name !== "an ONNX file") expect(chunk).toEqual(expected);
    const { data } = chunk!.actions;
    data.forEach((value, i) => expect(value).toBeCloseTo(expected.actions.data[i]!, 3));
    expect(other!.actions.data).not.toEqual(data);
    expect(await policy.predict(request)).toEqual(chunk);
  });
});

describe("a policy in a worker", () => {
  let nowMs = 0;
  let policy: RemotePolicy;
  let expected: ActionChunk;
  beforeAll(async () => {
    policy = await remote({ model }, { hungMs: 1000, clock: { nowMs: () => nowMs } });
    expected = await policy.predict(request);
  });

  test("throws what the policy throws there", async () => {
    const state = ndarray(Float32Array.of(0, Number.NaN, 0, 0), [2, 2]);
    const bad = policy.predict({ ...request, observation: { ...observation, "observation.state": state } });
    await expect(bad).rejects.toMatchObject({ kind: "numerical" });
    await expect(policy.session({ observation, keys: [key(0)] })).rejects.toMatchObject({
      kind: "unsupported",
    });
  });

  test("rejects when it cannot be opened", async () => {
    await expect(remote({ folder: join(folder, "nowhere") })).rejects.toMatchObject({ kind: "io" });
  });

  test("lets go of a request at once when its signal aborts, and comes back from a thread that hangs", async () => {
    const before = policy.restarts;
    thread.deaf = true;
    const stop = new AbortController();
    const pending = policy.predict({ ...request, signal: stop.signal });
    setTimeout(() => stop.abort(new Error("late")), 20);
    await expect(pending).rejects.toThrow("late");
    nowMs += 900;
    const second = policy.predict({ ...request, signal: AbortSignal.timeout(20) });
    await expect(second).rejects.toMatchObject({ name: "TimeoutError" });
    expect(policy.restarts).toBe(before);
    thread.deaf = false;
    nowMs += 101;
    expect(await policy.predict(request)).toEqual(expected);
    expect(policy.restarts).toBe(before + 1);
  });

  test("comes back when its thread dies", async () => {
    const before = policy.restarts;
    const pending = policy.predict(request);
    thread.kill();
    await expect(pending).rejects.toMatchObject({ kind: "unsupported" });
    expect(await policy.predict(request)).toEqual(expected);
    expect(policy.restarts).toBe(before + 1);
  });

  test("answers no more once it is disposed", async () => {
    const pending = policy.predict(request);
    policy[Symbol.dispose]();
    await expect(pending).rejects.toMatchObject({ kind: "unsupported" });
    await expect(policy.predict(request)).rejects.toMatchObject({ kind: "option" });
  });
});

test("a loop in real time plays on when the thread of its policy dies", async () => {
  const policy = await opened({ model });
  const commands: Float64Array[] = [];
  const report = await controlLoop({
    robot: {
      observe: async () => ({
        "observation.state": ndarray(Float32Array.from(commands.at(-1) ?? [0, 0]), [2]),
        "observation.target": ndarray(Float32Array.of(0), [1]),
      }),
      act({ data }) {
        commands.push(Float64Array.from(data));
        if (commands.length === 15) thread.kill();
      },
      stop() {},
    },
    policy,
    timer: systemTimer(),
    key: key("loop"),
    mode: "asynchronous",
    positionOf: (frame) => frame["observation.state"].data,
    hz: 20,
    inferenceMs: 2000,
    maxSteps: 60,
    maxHoldSteps: 60,
  });
  expect(report.status).toBe("finished");
  expect(policy.restarts).toBe(1);
  const { ticks, inference, lateness } = report.statistics;
  expect(ticks.playing).toBeGreaterThan(10);
  expect(inference.count).toBeGreaterThan(5);
  expect(lateness.count + ticks.skipped).toBe(60);
  expect(commands.every((command) => command.every((value) => Math.abs(value) <= 20))).toBe(true);
});

describe("an ONNX file as a policy", () => {
  test("refuses observations that are not as its spec says", async () => {
    using policy = await onnxPolicy(onnx());
    const without = { "observation.target": observation["observation.target"] };
    await expect(policy.predict({ ...request, observation: without })).rejects.toMatchObject({
      kind: "option",
    });
    const target = ndarray(Float32Array.of(0, Number.POSITIVE_INFINITY), [2, 1]);
    const infinite = { ...observation, "observation.target": target };
    await expect(policy.predict({ ...request, observation: infinite })).rejects.toMatchObject({
      kind: "numerical",
    });
  });

  test("refuses a file with other inputs", async () => {
    const spec = { ...tinySpec, observation: { "observation.state": [2] } };
    await expect(onnxPolicy({ ...onnx(), spec })).rejects.toThrow(/observation\.target/);
  });
});
