import fc from "fast-check";
import { expect, test } from "vitest";
import { declarations, interpretGraph } from "../../../src/engine/tensor/index.ts";
import { levelTime } from "../../../src/flow/diffusion/index.ts";
import { doubles } from "./cases.ts";

function timesOf(steps: number, u: readonly number[]): number[] {
  const { draw, declared } = declarations();
  const t = levelTime(steps).sample(draw, [u.length]);
  return [...interpretGraph([t], new Map([[declared[0]!, doubles(u)]]))[0]!.data];
}

test("maps every part of the uniform numbers to its level, the noisiest at 0", () => {
  expect(timesOf(4, [0, 0.2, 0.25, 0.49, 0.5, 0.7, 0.75, 0.999])).toEqual([
    0, 0, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75,
  ]);
});

test("never reaches the data, for the largest draw there is", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), (steps) => {
      expect(timesOf(steps, [1 - 2 ** -24])[0]).toBeCloseTo((steps - 1) / steps, 12);
    }),
  );
});

test("refuses a count that is none", () => {
  expect(() => levelTime(0)).toThrow("levelTime: expected steps to be a whole number >= 1, got 0");
});
