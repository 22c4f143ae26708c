import { describe, expect, test } from "vitest";
import { episodesFromArrays } from "../../../src/data/index.ts";
import { key, ndarray } from "../../../src/engine/index.ts";
import { actionError, episodesSpec, holdLastError, type Policy } from "../../../src/robot/index.ts";

/** Two episodes of 6 and 5 frames; the state counts frames, and what is commanded is the state, and its double. */
const set = episodesFromArrays({
  name: "counting",
  fps: 20,
  arrays: {
    "observation.state": ndarray(
      Float32Array.from({ length: 11 }, (_, i) => i),
      [11, 1],
    ),
    "observation.image": ndarray(new Uint8Array(11 * 12), [11, 2, 2, 3], "uint8"),
    action: ndarray(
      Float32Array.from({ length: 22 }, (_, i) => (i % 2 === 0 ? i / 2 : i - 1)),
      [11, 2],
    ),
  },
  episodeEnds: [6, 11],
});
const spec = episodesSpec(set, { obsHorizon: 2, horizon: 3, executeSteps: 2 });

/** Commands `off` more than was demonstrated, in deviations of each dimension. */
function counting(off: number): Policy {
  const deviation = Math.sqrt(10); // of 0 ... 10
  const chunk = (state: number) =>
    Float32Array.from({ length: 6 }, (_, i) => {
      const scale = 1 + (i % 2);
      return scale * (state + Math.floor(i / 2) + off * deviation);
    });
  const predictMany: Policy["predictMany"] = async (requests) =>
    requests.map(({ observation }) => ({
      actions: ndarray(chunk(observation["observation.state"]!.data[1] as number), [3, 2]),
      nfe: 1,
    }));
  return {
    spec,
    predictMany,
    predict: async (request) => (await predictMany([request]))[0]!,
    session: () => Promise.reject(new Error("none")),
    [Symbol.dispose]: () => {},
  };
}

describe("the error of actions", () => {
  test("is in deviations of each dimension, by the step of the chunk, where the episode goes on", async () => {
    const exact = await actionError(counting(0), { set, key: key(0) });
    expect(exact.perStep.map((value) => Math.round(value * 1e6))).toEqual([0, 0, 0]);
    expect(exact.count).toBe(9); // all frames but the first of each episode
    const off = await actionError(counting(0.5), { set, key: key(0) });
    for (const value of off.perStep) expect(value).toBeCloseTo(0.5, 5);
    expect(off.mean).toBeCloseTo(0.5, 5);
  });

  test("of holding the last action grows with the step", () => {
    const { perStep } = holdLastError(set, { spec });
    perStep.forEach((value, i) => expect(value).toBeCloseTo((i + 1) / Math.sqrt(10), 5));
  });
});

describe("the spec of recorded episodes", () => {
  test("has their rate, their vectors, and limits around what was commanded", () => {
    expect(spec).toMatchObject({
      name: "counting",
      stepSeconds: 0.05,
      observation: { "observation.state": [1] },
      obsHorizon: 2,
    });
    expect(spec.action[1]).toEqual({ name: "action 1", kind: "position", unit: "", low: -1, high: 21 });
  });

  test("refuses pictures and features that are not there", () => {
    const sizes = { obsHorizon: 1, horizon: 2, executeSteps: 1 };
    expect(() => episodesSpec(set, { ...sizes, observation: ["observation.image"] })).toThrow("one axis");
    expect(() => episodesSpec(set, { ...sizes, observation: ["observation.joints"] })).toThrow(
      "observation.state",
    );
  });
});
