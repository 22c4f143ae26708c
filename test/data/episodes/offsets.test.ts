import { expect, test } from "vitest";
import { chunkOffsets, deltaOffsets } from "../../../src/data/index.ts";

test("seconds become frames", () => {
  expect(deltaOffsets([-0.1, 0, 0.1, 1.5], { fps: 10 })).toEqual([-1, 0, 1, 15]);
  expect(deltaOffsets([-0.04, 0.06], { fps: 50 })).toEqual([-2, 3]);
  expect(deltaOffsets([1 / 3], { fps: 30 })).toEqual([10]);
});

test("seconds off the grid are refused beyond the tolerance, as LeRobot does", () => {
  expect(() => deltaOffsets([0.13], { fps: 10 })).toThrow(/multiples of 1\/10 s.*0.13 s.*nearest is 0.1 s/);
  expect(deltaOffsets([0.10009], { fps: 10 })).toEqual([1]);
  expect(() => deltaOffsets([0.10011], { fps: 10 })).toThrow();
  expect(deltaOffsets([0.13], { fps: 10, toleranceSeconds: 0.04 })).toEqual([1]);
});

test("a chunk starts now, or with the oldest observation as in diffusion_policy", () => {
  expect(chunkOffsets({ obsHorizon: 2, horizon: 3 })).toEqual({ observation: [-1, 0], action: [0, 1, 2] });
  const { action } = chunkOffsets({ obsHorizon: 2, horizon: 16, chunkStart: -1 });
  expect([action[0], action.at(-1), action.length]).toEqual([-1, 14, 16]);
  expect(() => chunkOffsets({ obsHorizon: 0, horizon: 3 })).toThrow(/obsHorizon/);
});
