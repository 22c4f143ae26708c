import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bar, blockArea, type Pose, stem } from "../../../../src/robot/sim/pusht/block.ts";
import { ringArea, sharedArea } from "../../../../src/robot/sim/pusht/clip.ts";
import { blockCoverage, rewardOf, ringsAt } from "../../../../src/robot/sim/pusht/coverage.ts";

const place = fc.double({ min: -80, max: 80, noNaN: true });
const angle = fc.double({ min: -7, max: 7, noNaN: true });
const pose = fc.record({ x: place, y: place, angleRad: angle });
/** A rectangle anywhere, counter-clockwise. */
const rectangle = pose.map((at) => ringsAt(at).bar);

describe("the area that two convex polygons share", () => {
  test("is the same from both sides, and at most each one's own", () => {
    fc.assert(
      fc.property(rectangle, rectangle, (a, b) => {
        const shared = sharedArea(a, b);
        expect(Math.abs(shared - sharedArea(b, a))).toBeLessThan(1e-8);
        expect(shared).toBeGreaterThanOrEqual(-1e-9);
        expect(shared).toBeLessThanOrEqual(ringArea(a) + 1e-9);
      }),
    );
  });

  test("is all of a polygon with itself, and none far away", () => {
    fc.assert(
      fc.property(rectangle, (a) => {
        expect(sharedArea(a, a)).toBeCloseTo(3600, 8);
        expect(
          sharedArea(
            a,
            a.map((value) => value + 500),
          ),
        ).toBe(0);
      }),
    );
  });

  test("splits over the halves of one of them", () => {
    const halves = [
      Float64Array.of(-40, -40, 0, -40, 0, 40, -40, 40),
      Float64Array.of(0, -40, 40, -40, 40, 40, 0, 40),
    ] as const;
    const whole = Float64Array.of(-40, -40, 40, -40, 40, 40, -40, 40);
    fc.assert(
      fc.property(rectangle, (a) => {
        const parts = sharedArea(a, halves[0]) + sharedArea(a, halves[1]);
        expect(Math.abs(sharedArea(a, whole) - parts)).toBeLessThan(1e-8);
      }),
    );
  });
});

const goal: Pose = { x: 0, y: 0, angleRad: 0.3 };
const inT = (x: number, y: number) => inside(bar, x, y) || inside(stem, x, y);
const inside = (points: typeof bar, x: number, y: number) =>
  x >= points[0]![0] && x < points[2]![0] && y >= points[0]![1] && y < points[2]![1];

/** The part of a grid of points in the goal T that also lies in the block. */
function counted(block: Pose): number {
  let [both, all] = [0, 0];
  for (let x = -59.5; x < 60; x++) {
    for (let y = 0.5; y < 120; y++) {
      if (!inT(x, y)) continue;
      all++;
      const worldX = goal.x + Math.cos(goal.angleRad) * x - Math.sin(goal.angleRad) * y - block.x;
      const worldY = goal.y + Math.sin(goal.angleRad) * x + Math.cos(goal.angleRad) * y - block.y;
      const [cos, sin] = [Math.cos(block.angleRad), Math.sin(block.angleRad)];
      if (inT(cos * worldX + sin * worldY, cos * worldY - sin * worldX)) both++;
    }
  }
  expect(all).toBe(blockArea);
  return both / all;
}

describe("coverage", () => {
  test("is what counting points gives", () => {
    const covered: number[] = [];
    fc.assert(
      fc.property(pose, (block) => {
        const exact = blockCoverage({ block: ringsAt(block), goal: ringsAt(goal) });
        covered.push(exact);
        expect(Math.abs(exact - counted(block))).toBeLessThan(0.012);
      }),
      { numRuns: 200 },
    );
    expect(Math.max(...covered)).toBeGreaterThan(0.3);
  });

  test("is 1 on the goal, also a turn later, and makes the reward", () => {
    const again = { ...goal, angleRad: goal.angleRad + 2 * Math.PI };
    expect(blockCoverage({ block: ringsAt(again), goal: ringsAt(goal) })).toBeCloseTo(1, 10);
    expect([0, 0.475, 0.95, 1].map(rewardOf)).toEqual([0, 0.5, 1, 1]);
  });
});
