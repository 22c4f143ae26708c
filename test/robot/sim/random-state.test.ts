import { expect, test } from "vitest";
import { randomState } from "../../../src/robot/index.ts";

test("gives the published first words of MT19937", () => {
  const random = randomState(5489);
  expect([random.word(), random.word(), random.word()]).toEqual([3499211612, 581869302, 3890346734]);
  for (let i = 3; i < 9999; i++) random.word();
  expect(random.word()).toBe(4123659995);
});

test("draws what NumPy's RandomState draws", () => {
  expect(randomState(0).uniform()).toBe(0.5488135039273248);
  const random = randomState(0);
  expect([random.normal(), random.normal(), random.normal()]).toEqual([
    1.764052345967664, 0.4001572083672233, 0.9787379841057392,
  ]);
});

test("draws every integer of a range about equally often, its ends included", () => {
  const random = randomState(1);
  const counts = [0, 0, 0, 0, 0];
  for (let i = 0; i < 10_000; i++) counts[random.integer({ low: -2, high: 3 }) + 2]!++;
  for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
  expect(random.integer({ low: 7, high: 8 })).toBe(7);
});

test.each([-1, 1.5, 2 ** 32, Number.NaN])("refuses %d as a seed", (seed) => {
  expect(() => randomState(seed)).toThrow("randomState: expected an integer from 0 to 2^32 - 1");
});
