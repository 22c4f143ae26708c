import fc from "fast-check";
import { expect, test } from "vitest";
import { longestStep } from "../../../src/robot/safety/braking.ts";

const size = fc.double({ min: 1e-6, max: 1e3, noNaN: true });

test("braking from the longest step uses up the room and no more", () => {
  fc.assert(
    fc.property(size, fc.double({ min: 1e-2, max: 1e3, noNaN: true }), (room, change) => {
      let way = 0;
      for (let d = longestStep({ room, change }); d > 0; d -= change) way += d;
      expect(way).toBeCloseTo(room, 6);
    }),
  );
});

test("without a limit on changes, or within one change, the room is the step", () => {
  expect(longestStep({ room: 3, change: Number.POSITIVE_INFINITY })).toBe(3);
  expect(longestStep({ room: 3, change: 4 })).toBe(3);
  expect(longestStep({ room: 0, change: 4 })).toBe(0);
});

test("1 + 2 + 3 is the way of three steps", () => {
  expect(longestStep({ room: 6, change: 1 })).toBe(3);
});
