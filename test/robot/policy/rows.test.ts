import { describe, expect, test } from "vitest";
import { episodesFromArrays, pushtDemonstrations, selectEpisodes } from "../../../src/data/index.ts";
import {
  constant,
  type Draw,
  interpret,
  key,
  type NdArray,
  ndarray,
  normal,
  type Shape,
  type Tensor,
  uniform,
  zeros,
} from "../../../src/engine/index.ts";
import { flowMatching } from "../../../src/flow/index.ts";
import type { Params } from "../../../src/nn/index.ts";
import {
  chunkRows,
  policyTraining,
  pushT,
  pushtAgent,
  pushtEpisodes,
  pushtSpec,
  sameScaling,
  scalingsFor,
  scalingsFromArrays,
  scalingsToArrays,
} from "../../../src/robot/index.ts";
import { backboneOf } from "../../../src/robot/policy/backbone.ts";
import { type ChunkBatch, methodOf } from "../../../src/robot/policy/method/index.ts";
import { tinyDesign, tinySpec } from "./tiny.ts";

/** Two episodes of 3 and 2 frames; state i is [i, -i], the target 100 i, the action [10 i, i]. */
const set = episodesFromArrays({
  fps: 10,
  arrays: {
    "observation.state": ndarray(Float32Array.from([0, 0, 1, -1, 2, -2, 3, -3, 4, -4]), [5, 2]),
    "observation.target": ndarray(Float32Array.from([0, 100, 200, 300, 400]), [5, 1]),
    action: ndarray(Float32Array.from([0, 0, 10, 1, 20, 2, 30, 3, 40, 4]), [5, 2]),
  },
  episodeEnds: [3, 5],
});

const none = { shift: 0, scale: 1 };
const plain = {
  observation: { "observation.state": none, "observation.target": none },
  action: none,
};
const row = ({ data, shape }: NdArray, i: number) => {
  const size = data.length / shape[0]!;
  return [...data.subarray(i * size, (i + 1) * size)];
};

describe("rows of demonstrations", () => {
  const design = tinyDesign({ kind: "flow" });

  test("hold frames, the oldest first, all features of each, and the actions from now on", () => {
    const rows = chunkRows(set, { design, scalings: scalingsFor(set, design, plain) });
    expect(row(rows.condition, 1)).toEqual([0, 0, 0, 1, -1, 100]);
    expect(row(rows.x1, 1)).toEqual([10, 1, 20, 2, 20, 2, 20, 2]);
    expect(row(rows.valid, 1)).toEqual([1, 1, 0, 0]);
    expect(row(rows.condition, 3)).toEqual([3, -3, 300, 3, -3, 300]); // nothing of the episode before
  });

  test("leave out the last frames of every episode where that is asked for", () => {
    const rows = chunkRows(set, { design, scalings: scalingsFor(set, design, plain), dropLastSteps: 1 });
    expect(rows.x1.shape[0]).toBe(3);
    expect(row(rows.condition, 2)).toEqual([3, -3, 300, 3, -3, 300]);
  });

  test("count relative actions from the newest frame", () => {
    const relative = { ...design, relativeTo: { feature: "observation.state", elements: [1, 0] } };
    const rows = chunkRows(set, { design: relative, scalings: scalingsFor(set, relative, plain) });
    expect(row(rows.x1, 1)).toEqual([11, 0, 21, 1, 21, 1, 21, 1]);
  });

  test("are scaled by what the demonstrations do, as told, or to deviations", () => {
    const scalings = scalingsFor(set, design, {
      observation: { "observation.state": "standardized", "observation.target": { shift: 100, scale: 50 } },
    });
    expect(scalings["observation.state"]!.scale[0]).toBe(Math.fround(Math.SQRT2));
    expect(scalings.action).toEqual({ shift: Float64Array.of(20, 2), scale: Float64Array.of(20, 2) });
    const rows = chunkRows(set, { design, scalings });
    expect(Math.max(...rows.x1.data)).toBe(1);
    expect(Math.min(...rows.x1.data)).toBe(-1);
    expect(row(rows.condition, 2).filter((_, i) => i % 3 === 2)).toEqual([0, 2]);
    expect(scalingsFromArrays(scalingsToArrays(scalings)).action).toEqual(scalings.action);
  });

  test("refuse features that the data lack or have in another shape", () => {
    const other = { ...design, spec: { ...tinySpec, observation: { "observation.state": [3] } } };
    expect(() => scalingsFor(set, other)).toThrow("observation.state of shape [3]");
    const missing = { ...design, spec: { ...tinySpec, observation: { "observation.image": [3] } } };
    expect(() => scalingsFor(set, missing)).toThrow("one of the features");
  });
});

describe("the loss", () => {
  const design = tinyDesign({ kind: "flow" });
  const method = methodOf(design);
  const params = method.init(key("params"));
  const numbers = {
    x1: normal(key("x1"), [6, 4, 2]),
    condition: normal(key("condition"), [6, 6]),
  };
  /** Numbers in the place of draws. */
  const draw: Draw = {
    fold: () => draw,
    rademacher: () => {
      throw new Error("not asked for");
    },
    normal: (name: string, shape: Shape) => constant(normal(key(name), shape)),
    uniform: (name: string, shape: Shape) => constant(uniform(key(name), shape)),
  };
  const full = (shape: Shape, value: number) => {
    const array = zeros(shape);
    array.data.fill(value);
    return array;
  };
  const loss = (batch: Record<string, NdArray>) =>
    interpret(
      (p: Params, tensors: ChunkBatch) => method.loss(p, tensors, draw).loss,
      params as never,
      batch as never,
    ).data[0]!;

  test("of a flow is that of flowMatching where all actions count", () => {
    const model = backboneOf(design.backbone, { event: [4, 2], conditionSize: 6 });
    const matching = flowMatching();
    const expected = interpret(
      (p: Params, { x1, condition }: { x1: Tensor; condition: Tensor }) =>
        matching((x, t) => model.apply(p, x, t, condition), { x1 }, draw),
      params as never,
      numbers,
    );
    expect(loss(numbers)).toBeCloseTo(expected.data[0]!, 10);
    expect(loss({ ...numbers, valid: full([6, 4], 1) })).toBeCloseTo(loss(numbers), 10);
  });

  test("with a mask is the mean over the actions that count", () => {
    const valid = full([6, 4], 0);
    for (const i of [0, 1, 4, 9]) valid.data[i] = 1;
    const only = (i: number) => {
      const one = full([6, 4], 0);
      one.data[i] = 1;
      return loss({ ...numbers, valid: one });
    };
    const mean = ([0, 1, 4, 9].map(only) as number[]).reduce((a, b) => a + b) / 4;
    expect(loss({ ...numbers, valid })).toBeCloseTo(mean, 10);
    expect(mean).not.toBeCloseTo(loss(numbers), 3);
  });

  test("in training leaves padded actions out where that is asked for", async () => {
    const scalings = scalingsFor(set, design);
    const rows = chunkRows(set, { design, scalings });
    const first = async (maskPadding: boolean) => {
      using training = await policyTraining({
        ...{ design, scalings, rows, maskPadding },
        ...{ batchSize: 5, key: key("model"), learningRate: 1e-3, threads: 1 },
      });
      return (await training.trainer.step(...(await training.batches.at(0, key("run"))))).loss;
    };
    expect(await first(true)).not.toBeCloseTo(await first(false), 5);
  });
});

describe("the demonstrations of PushT", () => {
  test("have keypoints and agent as the environment shows them, and their mirror images", async () => {
    const some = selectEpisodes(await pushtDemonstrations(), [0, 1]);
    const both = pushtEpisodes(some, { mirror: true });
    expect(both.episodes.length).toBe(4);
    const state = both.columns["observation.environment_state"]!;
    const frames = some.episodes.at(-1)!.end;
    expect(state.shape).toEqual([2 * frames, 18]);
    const recorded = some.columns["observation.environment_state"]!;
    const off = Float64Array.from(recorded.data as Float32Array, (v, i) =>
      Math.abs(v - Number(state.data[i])),
    );
    expect(off.toSorted()[Math.floor(0.5 * off.length)]).toBeLessThan(0.01);
  });

  test("mirrored are demonstrations of the same task: the same actions, mirrored, give the same rewards", async () => {
    const some = selectEpisodes(await pushtDemonstrations(), [3]);
    const states = some.columns["observation.state"]!.data;
    const flip = (x: number, y: number) => [512 - y, 512 - x];
    const start = Array.from(states.slice(0, 5), Number) as [number, number, number, number, number];
    const [ax, ay, bx, by, angle] = start;
    const straight = pushT({ order: "angle-then-position" });
    const mirrored = pushT({ order: "angle-then-position" });
    straight.reset({ state: ndarray(Float64Array.from(start), [5]) });
    mirrored.reset({
      state: ndarray(Float64Array.of(...flip(ax, ay), ...flip(bx, by), Math.PI / 2 - angle), [5]),
    });
    const { action } = pushtEpisodes(some, { mirror: true }).columns;
    const frames = some.episodes[0]!.end;
    const at = (i: number) =>
      ndarray(Float64Array.of(Number(action!.data[2 * i]), Number(action!.data[2 * i + 1])), [2]);
    let moved = 0;
    for (let i = 0; i < 60; i++) {
      const one = straight.step(at(i));
      const other = mirrored.step(at(frames + i));
      expect(other.coverage).toBeCloseTo(one.coverage, 3);
      moved = Math.max(moved, one.reward);
    }
    expect(moved).toBeGreaterThan(0);
  });

  test("are learned in the numbers of the recipe: (p - 256) / 256, and relative to the agent", async () => {
    const some = pushtEpisodes(selectEpisodes(await pushtDemonstrations(), [0]));
    const half = { shift: 256, scale: 256 };
    const spec = pushtSpec();
    const design = { spec, backbone: { kind: "unet1d" }, method: { kind: "flow" } } as const;
    const choices = {
      observation: Object.fromEntries(Object.keys(spec.observation).map((name) => [name, half])),
      action: half,
    };
    const rows = chunkRows(some, { design, scalings: scalingsFor(some, design, choices) });
    expect(rows.condition.shape.slice(1)).toEqual([40]);
    const agent = some.columns["observation.state"]!.data;
    expect(rows.condition.data[38]).toBeCloseTo((Number(agent[0]) - 256) / 256, 6);
    const relative = { ...design, relativeTo: pushtAgent };
    const scalings = {
      ...scalingsFor(some, relative, choices),
      action: sameScaling(2, { shift: 0, scale: 40 }),
    };
    const { x1 } = chunkRows(some, { design: relative, scalings });
    const first = Number(some.columns.action!.data[0]);
    expect(x1.data[0]).toBeCloseTo((first - Number(agent[0])) / 40, 5);
  });
});
