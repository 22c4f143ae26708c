import { expect, test } from "vitest";
import { jerkMeter } from "../../../src/robot/control/jerk.ts";

const stepSeconds = 0.02;

test("of a cubic 2 t^3 is 12 everywhere, and of a parabola 0", () => {
  const meter = jerkMeter({ size: 2, stepSeconds });
  for (let tick = 0; tick < 10; tick++) {
    const t = tick * stepSeconds;
    meter.add([2 * t ** 3, t ** 2], { tick, chunk: 0 });
  }
  const { inside, boundary } = meter.summary();
  expect(inside.count).toBe(7);
  expect(inside.rms[0]).toBeCloseTo(12, 6);
  expect(inside.max[0]).toBeCloseTo(12, 6);
  expect(inside.max[1]).toBeCloseTo(0, 6);
  expect(boundary).toEqual({ count: 0, rms: [0, 0], max: [0, 0] });
});

test("of a jump between two chunks belongs to the boundary", () => {
  const meter = jerkMeter({ size: 1, stepSeconds: 1 });
  for (let tick = 0; tick < 8; tick++) meter.add([tick < 4 ? 0 : 1], { tick, chunk: tick < 4 ? 0 : 4 });
  const { inside, boundary } = meter.summary();
  expect(inside).toEqual({ count: 2, rms: [0], max: [0] });
  // third differences of 0 0 0 0 1 1 1 1: 0, 1, -2, 1, 0
  expect(boundary).toEqual({ count: 3, rms: [Math.sqrt(2)], max: [2] });
});

test("is not taken across ticks that were left out", () => {
  const meter = jerkMeter({ size: 1, stepSeconds });
  for (const tick of [0, 1, 2, 4, 5, 6]) meter.add([tick], { tick, chunk: 0 });
  expect(meter.summary().inside.count).toBe(0);
});
