import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { key, ndarray, normal, zeros } from "../../../src/engine/index.ts";
import type { Method, NeuralPolicy } from "../../../src/robot/index.ts";
import { history, neuralPolicy } from "../../../src/robot/index.ts";
import { observation, tinyDesign, tinySpec, tinyTraining } from "./tiny.ts";

/** A policy that has hardly learned, which is no matter here. */
async function opened(method: Method, more = {}): Promise<NeuralPolicy> {
  using training = await tinyTraining({ design: tinyDesign(method, more) });
  await training.trainer.step(...(await training.batches.at(0, key("run"))));
  return neuralPolicy(training.model());
}

const relative = { relativeTo: { feature: "observation.state", elements: [0, 1] } };

const integrating: readonly (readonly [string, Method, object])[] = [
  ["flow", { kind: "flow" }, {}],
  ["flow by rk4 on a cosine grid", { kind: "flow", solver: "rk4", grid: "cosine", steps: 3 }, {}],
  ["flow with the U-Net", { kind: "flow" }, { backbone: { kind: "unet1d", widths: [16, 32] } }],
  ["flow with relative actions", { kind: "flow" }, relative],
  ["DDPM", { kind: "diffusion", levels: 12 }, {}],
  ["DDIM", { kind: "diffusion", levels: 50, sampler: "ddim", steps: 4 }, {}],
];

describe.each(integrating)("%s", (_name, method, more) => {
  let policy: NeuralPolicy;
  beforeAll(async () => {
    policy = await opened(method, more);
  });
  afterAll(() => policy[Symbol.dispose]());

  test("predicts what a session run to its end gives, bit for bit", async () => {
    const { actions, nfe } = await policy.predict({ observation, key: key("chunk") });
    const session = await policy.session({ observation, keys: [key("chunk")] });
    while (!session.done) await session.step();
    expect(session.actions()[0]!.data).toEqual(actions.data);
    expect(nfe).toBeGreaterThanOrEqual(session.times.length - 1);
  });

  test("gives the same chunk for the same key, and another for another", async () => {
    const [a, b, c] = await Promise.all(
      ["one", "one", "two"].map((seed) => policy.predict({ observation, key: key(seed) })),
    );
    expect(a!.actions.data).toEqual(b!.actions.data);
    expect(a!.actions.data).not.toEqual(c!.actions.data);
  });

  test("predicts several requests as it predicts each", async () => {
    const requests = [1, 2, 3].map((seed) => ({ observation, key: key(seed) }));
    const together = await policy.predictMany(requests);
    for (const [i, request] of requests.entries()) {
      const { actions } = await policy.predict(request);
      const off = actions.data.map((value, j) => Math.abs(value - together[i]!.actions.data[j]!));
      expect(Math.max(...off)).toBeLessThan(1e-4);
    }
  });
});

describe("a session", () => {
  let policy: NeuralPolicy;
  beforeAll(async () => {
    policy = await opened({ kind: "flow", steps: 4 });
  });
  afterAll(() => policy[Symbol.dispose]());

  const keys = [key("a"), key("b")];

  test("steps along the velocity, towards its endpoint, several draws at once", async () => {
    const session = await policy.session({ observation, keys });
    const before = session.x;
    const { data } = await policy.encode(observation);
    const condition = ndarray(Float32Array.from([...data, ...data]), [2, data.length]);
    const t = ndarray(Float32Array.of(0, 0), [2]);
    const velocity = await policy.velocity({ x: before, t, condition });
    const { endpoint } = await session.step();
    expect(session.stepCount).toBe(1);
    const { x } = session;
    for (let i = 0; i < before.data.length; i++) {
      expect(x.data[i]).toBeCloseTo(before.data[i]! + velocity.data[i]! / 4, 5);
      expect(endpoint.data[i]).toBeCloseTo(before.data[i]! + velocity.data[i]!, 5);
    }
  });

  test("goes on from an x that was replaced, and does not see later changes of what it gave", async () => {
    const session = await policy.session({ observation, keys });
    await session.step();
    const { x } = session;
    const other = normal(key("other"), x.shape);
    session.replace(other);
    other.data.fill(0);
    x.data.fill(0);
    expect(session.x.data).toEqual(normal(key("other"), x.shape).data);
    expect(() => session.replace(zeros([2, 3]))).toThrow("x of shape [2,4,2]");
  });

  test("begins at any time with an x, and ends in one that went all the way", async () => {
    const whole = await policy.session({ observation, keys });
    await whole.step();
    await whole.step();
    const rest = await policy.session({ observation, keys, times: [0.5, 0.75, 1], x: whole.x });
    while (!whole.done) await whole.step();
    while (!rest.done) await rest.step();
    expect(rest.actions().map(({ data }) => data)).toEqual(whole.actions().map(({ data }) => data));
    await expect(rest.step()).rejects.toThrow("at most 2 steps");
  });

  test("refuses times that fall, a late beginning without x, and no keys", async () => {
    await expect(policy.session({ observation, keys, times: [0, 0.5, 0.4] })).rejects.toThrow("rise");
    await expect(policy.session({ observation, keys, times: [0.5, 1] })).rejects.toThrow("an x to begin");
    await expect(policy.session({ observation, keys: [] })).rejects.toThrow("a key for each draw");
  });
});

describe("a policy", () => {
  test.each([{ kind: "regression" }, { kind: "vae", latent: 2 }] as const)(
    "of kind $kind answers in one evaluation, and has no sessions",
    async (method) => {
      using policy = await opened(method);
      const { actions, nfe } = await policy.predict({ observation, key: key(0) });
      expect(nfe).toBe(1);
      expect(actions.shape).toEqual([4, 2]);
      await expect(policy.session({ observation, keys: [key(0)] })).rejects.toThrow(
        "a policy that integrates a field",
      );
    },
  );

  test("says which feature is missing, misshapen or not finite", async () => {
    using policy = await opened({ kind: "regression" });
    const predict = (changed: object) =>
      policy.predict({ observation: { ...observation, ...changed }, key: key(0) });
    const state = (values: number[], shape: number[]) => ({
      "observation.state": ndarray(Float32Array.from(values), shape),
    });
    const { "observation.state": _, ...rest } = observation;
    await expect(policy.predict({ observation: rest, key: key(0) })).rejects.toThrow(
      "the feature observation.state",
    );
    await expect(predict(state([1, 2], [1, 2]))).rejects.toThrow("[2,2], the newest frame last, got [1,2]");
    await expect(predict(state([1, 2, Number.NaN, 4], [2, 2]))).rejects.toThrow("finite numbers, got NaN");
  });

  test("is refused without a normalisation for each feature and the action", async () => {
    using training = await tinyTraining({ design: tinyDesign({ kind: "regression" }) });
    const model = training.model();
    const { "observation.target": _, ...partial } = model.scalings;
    await expect(neuralPolicy({ ...model, scalings: partial })).rejects.toThrow(
      "each of the 1 elements of observation.target",
    );
    const broken = { shift: new Float64Array(2), scale: Float64Array.of(1, 0) };
    await expect(neuralPolicy({ ...model, scalings: { ...model.scalings, action: broken } })).rejects.toThrow(
      "a scale > 0 for each of the 2 elements of action",
    );
  });

  test("counts relative actions from the newest frame", async () => {
    using policy = await opened({ kind: "flow" }, relative);
    const x = zeros([4, 2]);
    const moved = {
      ...observation,
      "observation.state": ndarray(Float32Array.of(0, 0, 5, 7), [2, 2]),
    };
    const [here, there] = [policy.decode(x, observation).data, policy.decode(x, moved).data];
    expect(there[0]! - here[0]!).toBeCloseTo(5 - 0.3, 5);
    expect(there[1]! - here[1]!).toBeCloseTo(7 - 0.4, 5);
  });
});

describe("history", () => {
  const frame = (value: number) => ({
    "observation.state": ndarray(Float64Array.of(value, -value), [2], "float64"),
    "observation.target": ndarray(Float64Array.of(10 * value), [1], "float64"),
  });

  test("stacks the newest frames, the first one standing for those before it", () => {
    const frames = history({ ...tinySpec, obsHorizon: 3 });
    expect([...frames.push(frame(1))["observation.state"]!.data]).toEqual([1, -1, 1, -1, 1, -1]);
    frames.push(frame(2));
    expect([...frames.push(frame(3))["observation.target"]!.data]).toEqual([10, 20, 30]);
    frames.reset();
    expect([...frames.push(frame(4))["observation.target"]!.data]).toEqual([40, 40, 40]);
  });

  test("keeps what was pushed, whatever becomes of the array", () => {
    const frames = history(tinySpec);
    const first = frame(1);
    frames.push(first);
    first["observation.state"].data.fill(9);
    expect([...frames.push(frame(2))["observation.state"]!.data]).toEqual([1, -1, 2, -2]);
  });

  test("refuses frames that lack a feature or have another shape", () => {
    const frames = history(tinySpec);
    expect(() => frames.push({ "observation.state": zeros([2]) })).toThrow("the feature observation.target");
    expect(() => frames.push({ ...frame(1), "observation.state": zeros([3]) })).toThrow("one frame, [2]");
    expect(() => frames.push(zeros([2]))).toThrow("a record of observation.state");
  });
});
