import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  frameCount,
  normalizations,
  parseArrays,
  pushtDemonstrations,
  rescaled,
} from "../../../src/data/index.ts";
import { describeWithShared, shared } from "./shared.ts";

test("the demonstrations ship with the package, with statistics to normalise by", async () => {
  const set = await pushtDemonstrations();
  expect([set.episodes.length, frameCount(set), set.fps]).toEqual([206, 25650, 10]);
  expect(set.tasks).toEqual(["Push the T-shaped block onto the T-shaped target."]);
  const widths = ["observation.state", "observation.environment_state", "action"].map(
    (key) => set.columns[key]!.shape[1],
  );
  expect(widths).toEqual([5, 18, 2]);
  expect(Array.from(set.columns.action!.data as Float32Array).slice(0, 4)).toEqual([233, 71, 229, 83]);
  const lengths = set.episodes.map(({ start, end }) => end - start).toSorted((a, b) => a - b);
  expect([lengths[0], lengths[103], lengths.at(-1)]).toEqual([49, 122, 246]);
  const { action } = normalizations(set.statistics, { action: rescaled });
  const { data } = action!.apply(set.columns.action as never);
  expect([Math.min(...data), Math.max(...data)]).toEqual([-1, 1]);
});

const bytesOf = ({ data }: { readonly data: ArrayBufferView }) =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength);

describeWithShared("the demonstrations that ship", () => {
  test("are exactly the original's", async () => {
    const set = await pushtDemonstrations();
    const original = parseArrays(readFileSync(shared("pusht/pusht_lowdim.npz")));
    expect(bytesOf(set.columns["observation.state"]!).equals(bytesOf(original.state!))).toBe(true);
    expect(bytesOf(set.columns["observation.environment_state"]!).equals(bytesOf(original.keypoint!))).toBe(
      true,
    );
    expect(bytesOf(set.columns.action!).equals(bytesOf(original.action!))).toBe(true);
  });
});
