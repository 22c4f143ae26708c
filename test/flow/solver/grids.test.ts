import { describe, expect, test } from "vitest";
import {
  cosineGrid,
  edmGrid,
  shiftedGrid,
  swayGrid,
  uniformGrid,
  warpedGrid,
} from "../../../src/flow/solver/index.ts";

const grids = {
  uniformGrid,
  cosineGrid,
  edmGrid: (steps: number) => edmGrid(steps),
  swayGrid: (steps: number) => swayGrid(steps),
  "swayGrid, towards the data": (steps: number) => swayGrid(steps, { coefficient: 2 / (Math.PI - 2) }),
  shiftedGrid: (steps: number) => shiftedGrid(steps, { shift: 3 }),
  warpedGrid: (steps: number) => warpedGrid(steps, (u) => u * u),
};

describe.each(Object.entries(grids))("%s", (_, grid) => {
  test.each([1, 2, 7, 100])("of %d steps ascends to exactly 1, with one time more than steps", (steps) => {
    const times = grid(steps);
    expect(times).toHaveLength(steps + 1);
    expect(times.at(-1)).toBe(1);
    expect(times[0]).toBeCloseTo(grid === grids.edmGrid ? 1 / 81 : 0, 12);
    expect(times.every((t, i) => i === 0 || t > times[i - 1]!)).toBe(true);
  });

  test("needs a whole number of steps", () => {
    for (const steps of [0, -1, 1.5, Number.NaN]) expect(() => grid(steps)).toThrow("steps");
  });
});

test("uniform times are i / steps, without accumulated rounding", () => {
  expect(uniformGrid(10)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
});

test("the EDM grid of 5 steps", () => {
  const golden = [
    0.012345679012345734, 0.053972855642703266, 0.2844772990774094, 0.8548815077724327, 0.998003992015968, 1,
  ];
  expect(edmGrid(5)).toEqual(golden.map((t) => expect.closeTo(t, 12)));
});

test("a shift multiplies the odds of the noise level", () => {
  const odds = (t: number) => (1 - t) / t;
  shiftedGrid(8, { shift: 3 })
    .slice(1, -1)
    .forEach((t, i) => {
      expect(odds(t)).toBeCloseTo(3 * odds((i + 1) / 8), 10);
    });
});

test("sway -1 is 1 - cos(pi u / 2), and the cosine grid is symmetric", () => {
  expect(swayGrid(4)[1]).toBeCloseTo(1 - Math.cos(Math.PI / 8), 12);
  const times = cosineGrid(6);
  times.forEach((t, i) => {
    expect(t + times[6 - i]!).toBeCloseTo(1, 12);
  });
});

test("parameters outside of their range", () => {
  expect(() => swayGrid(4, { coefficient: -1.1 })).toThrow("coefficient");
  expect(() => shiftedGrid(4, { shift: 0 })).toThrow("shift");
  expect(() => edmGrid(4, { sigmaMin: 90 })).toThrow("sigmaMax");
});
