import { expect, test } from "vitest";
import {
  columnOf,
  episodesFromArrays,
  episodesFromReplay,
  frameCount,
  selectEpisodes,
  splitEpisodes,
} from "../../../src/data/index.ts";
import { array, key, ndarray } from "../../../src/engine/index.ts";
import { smallSet } from "./cases.ts";

test("arrays of frames become features, scalars with an axis of one", () => {
  const set = episodesFromArrays({
    arrays: {
      action: array([
        [1, 2],
        [3, 4],
      ]),
      "next.done": ndarray(Uint8Array.of(0, 1), [2], "bool"),
    },
    episodeEnds: [2],
    fps: 10,
    names: { action: ["x", "y"] },
  });
  expect(set.features).toEqual({
    action: { dtype: "float32", shape: [2], names: ["x", "y"] },
    "next.done": { dtype: "bool", shape: [1] },
  });
  expect(set.columns["next.done"]!.shape).toEqual([2, 1]);
});

test("arrays and ends that do not fit are refused", () => {
  const action = array([1, 2, 3]);
  const made = (more: object) => () =>
    episodesFromArrays({ arrays: { action }, episodeEnds: [3], fps: 10, ...more });
  expect(made({ arrays: { action, state: array([1, 2]) } })).toThrow(/same number of frames.*state of shape/);
  expect(made({ arrays: {} })).toThrow(/no array/);
  expect(made({ episodeEnds: [2] })).toThrow(/the last one 3/);
  expect(made({ episodeEnds: [2, 2, 3] })).toThrow(/ascending/);
  expect(made({ episodeEnds: [0, 3] })).toThrow(/ascending/);
  expect(made({ fps: 0 })).toThrow(/frames per second/);
});

test("a replay buffer's arrays get LeRobot's names; what is not frames is left out", () => {
  const set = episodesFromReplay(
    {
      actions: array([[1], [2]]),
      keypoint: array([
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ]),
      touch: array([1, 2]),
      init_qpos: array([9]),
      episode_ends: ndarray(BigInt64Array.of(2n), [1]),
    },
    { fps: 10 },
  );
  expect(Object.entries(set.columns).map(([name, { shape }]) => [name, shape])).toEqual([
    ["action", [2, 1]],
    ["observation.environment_state", [2, 4]],
    ["observation.touch", [2, 1]],
  ]);
  expect(() => episodesFromReplay({ actions: array([1]) }, { fps: 10 })).toThrow(/episode_ends/);
});

test("a selection renumbers rows and keeps what belongs to a frame", () => {
  const chosen = selectEpisodes(smallSet(), [2, 0]);
  expect(chosen.episodes.map(({ index, start, end }) => [index, start, end])).toEqual([
    [2, 0, 2],
    [0, 2, 5],
  ]);
  expect(Array.from(columnOf(chosen, "action").data as Float32Array)).toEqual([4, 5, 0, 1, 2]);
  expect(() => selectEpisodes(smallSet(), [3])).toThrow(/episodes 0 to 2/);
});

test("a split parts whole episodes, the same for the same key", () => {
  const set = episodesFromArrays({
    arrays: { action: array(Array.from({ length: 40 }, (_, i) => Math.floor(i / 2))) },
    episodeEnds: Array.from({ length: 20 }, (_, i) => 2 * (i + 1)),
    fps: 10,
  });
  const parts = splitEpisodes(key(7), { set, validation: 0.25 });
  expect([parts.train.episodes.length, parts.validation.episodes.length]).toEqual([15, 5]);
  const of = (part: typeof set) => new Set(columnOf(part, "action").data as Float32Array);
  expect([...of(parts.train)].filter((value) => of(parts.validation).has(value))).toEqual([]);
  expect(frameCount(parts.train) + frameCount(parts.validation)).toBe(40);
  const again = splitEpisodes(key(7), { set, validation: 0.25 });
  expect(again.validation.episodes).toEqual(parts.validation.episodes);
});
