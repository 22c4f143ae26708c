import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { key, ndarray } from "../../../src/engine/index.ts";
import {
  exportPolicy,
  neuralPolicy,
  onnxPolicy,
  type Policy,
  type PolicyModel,
  type RemoteOptions,
  type RemoteSource,
  remote,
  savePolicy,
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

async function opened(source: RemoteSource, options: RemoteOptions = {}) {
  const policy = await remote(source, options);
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
  test("throws what the policy throws there", async () => {
    const policy = await opened({ model });
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

  test("comes back when its thread dies", async () => {
    const policy = await opened({ model });
    const before = await policy.predict(request);
    const pending = policy.predict(request);
    thread.kill();
    await expect(pending).rejects.toMatchObject({ kind: "unsupported" });
    expect(await policy.predict(request)).toEqual(before);
    expect(policy.restarts).toBe(1);
  });

  test("lets go of a request at once when its signal aborts, and comes back from a thread that hangs", async () => {
    let nowMs = 0;
    const policy = await opened({ model }, { hungMs: 1000, clock: { nowMs: () => nowMs } });
    const before = await policy.predict(request);
    thread.deaf = true;
    const stop = new AbortController();
    const pending = policy.predict({ ...request, signal: stop.signal });
    setTimeout(() => stop.abort(new Error("late")), 20);
    await expect(pending).rejects.toThrow("late");
    nowMs = 900;
    const second = policy.predict({ ...request, signal: AbortSignal.timeout(20) });
    await expect(second).rejects.toMatchObject({ name: "TimeoutError" });
    expect(policy.restarts).toBe(0);
    thread.deaf = false;
    nowMs = 1001;
    expect(await policy.predict(request)).toEqual(before);
    expect(policy.restarts).toBe(1);
  });

  test("answers no more once it is disposed", async () => {
    const policy = await opened({ model });
    const pending = policy.predict(request);
    policy[Symbol.dispose]();
    await expect(pending).rejects.toMatchObject({ kind: "unsupported" });
    await expect(policy.predict(request)).rejects.toMatchObject({ kind: "option" });
  });
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
