import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { episodesFromArrays, windows } from "../../../src/data/index.ts";
import { array } from "../../../src/engine/index.ts";
import { smallSet } from "./cases.ts";

const rowsOf = (values: { data: ArrayLike<number>; shape: readonly number[] }) => {
  const [count, length] = values.shape as [number, number];
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length }, (_, j) => values.data[i * length + j]),
  );
};

describe("windows", () => {
  test("repeat the first and last frame of an episode and mark them", () => {
    const { values, isPad } = windows(smallSet(), { offsets: { action: [-1, 0, 1] } }).all();
    expect(values.action!.shape).toEqual([6, 3, 1]);
    expect(rowsOf(values.action!)).toEqual([
      [0, 0, 1],
      [0, 1, 2],
      [1, 2, 2],
      [3, 3, 3],
      [4, 4, 5],
      [4, 5, 5],
    ]);
    expect(rowsOf(isPad.action!)).toEqual([
      [1, 0, 0],
      [0, 0, 0],
      [0, 0, 1],
      [1, 0, 1],
      [1, 0, 0],
      [0, 0, 1],
    ]);
  });

  test("hold the elements of a frame together, for several features at once", () => {
    const offsets = { "observation.state": [-1, 0], action: [0, 1] };
    const { values } = windows(smallSet(), { offsets }).gather(Int32Array.of(5, 1));
    expect(values["observation.state"]!.shape).toEqual([2, 2, 2]);
    expect(Array.from(values["observation.state"]!.data)).toEqual([40, 4, 50, 5, 0, 0, 10, 1]);
    expect(Array.from(values.action!.data)).toEqual([5, 5, 1, 2]);
  });

  test("leave out the last frames of each episode as anchors", () => {
    const made = windows(smallSet(), { offsets: { action: [0] }, dropLastSteps: 1 });
    expect(Array.from(made.anchors)).toEqual([0, 1, 4]);
  });

  test("never take a frame of another episode", () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
    const offsets = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(lengths, offsets, (episodeLengths, action) => {
        const episodeOf = episodeLengths.flatMap((length, episode) => Array(length).fill(episode));
        const episodeEnds = episodeLengths.map((_, i) =>
          episodeLengths.slice(0, i + 1).reduce((a, b) => a + b),
        );
        const set = episodesFromArrays({ arrays: { action: array(episodeOf) }, episodeEnds, fps: 5 });
        const { values, isPad } = windows(set, { offsets: { action } }).all();
        rowsOf(values.action!).forEach((window, anchor) => {
          expect(window).toEqual(action.map(() => episodeOf[anchor]));
        });
        rowsOf(isPad.action!).forEach((pads, anchor) => {
          const inside = action.map((offset) => episodeOf[anchor + offset] === episodeOf[anchor]);
          expect(pads).toEqual(inside.map((is) => (is ? 0 : 1)));
        });
      }),
    );
  });

  test("refuse what they cannot be made of", () => {
    const set = smallSet();
    const option = expect.objectContaining({ kind: "option" });
    expect(() => windows(set, { offsets: { actions: [0] } })).toThrow(/features observation.state, action/);
    expect(() => windows(set, { offsets: { action: [0.5] } })).toThrow(option);
    expect(() => windows(set, { offsets: { action: [] } })).toThrow(option);
    expect(() => windows(set, { offsets: {} })).toThrow(option);
    expect(() => windows(set, { offsets: { action: [0] }, dropLastSteps: 3 })).toThrow(option);
    const six = windows(set, { offsets: { action: [0] } });
    expect(() => six.gather(Int32Array.of(6))).toThrow(expect.objectContaining({ kind: "shape" }));
  });
});
