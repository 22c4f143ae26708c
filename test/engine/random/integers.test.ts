import { expect, test } from "vitest";
import { AdvectError } from "../../../src/engine/error.ts";
import { fillIntegers, integers, key, permutation } from "../../../src/engine/random/index.ts";
import { chiSquareScore, tally } from "./statistics.ts";

const n = 200_000;
const score = (counts: readonly number[]) => {
  const total = counts.reduce((a, b) => a + b);
  return Math.abs(
    chiSquareScore(
      counts,
      counts.map(() => total / counts.length),
    ),
  );
};

test("the first integers are what they were when this was written", () => {
  expect(Array.from(integers(key(1), [6], { high: 10 }).data)).toEqual([0, 1, 0, 9, 1, 4]);
  expect(Array.from(permutation(key(1), 8).data)).toEqual([7, 4, 0, 3, 5, 1, 2, 6]);
});

test.each([2, 3, 10, 257, 1000])("integers below %i are uniform", (high) => {
  const { data, dtype } = integers(key(high), [n], { high });
  expect(dtype).toBe("int32");
  expect(score(tally(data, high))).toBeLessThan(4);
});

test("a range of 3/4 of all words has no modulo bias", () => {
  const range = 3 * 2 ** 30; // word % range would hit the lower third twice as often as the others
  const { data } = integers(key(1), [n], { low: -(2 ** 31), high: -(2 ** 31) + range });
  expect(
    score(
      tally(
        data.map((x) => Math.floor((x + 2 ** 31) / 2 ** 30)),
        3,
      ),
    ),
  ).toBeLessThan(4);
});

test("the widest range covers all of int32", () => {
  const { data } = integers(key(1), [n], { low: -(2 ** 31), high: 2 ** 31 });
  expect(
    score(
      tally(
        data.map((x) => (x >>> 24) & 255),
        256,
      ),
    ),
  ).toBeLessThan(4);
});

test("integers are a prefix of longer draws, although words are rejected", () => {
  const range = { low: -5, high: 2 ** 31 - 7 };
  const long = integers(key(2), [10_000], range).data;
  for (const size of [0, 1, 17, 4096, 9999]) {
    expect(integers(key(2), [size], range).data).toEqual(long.subarray(0, size));
  }
  const out = new Int32Array(100);
  fillIntegers(key(2), out, range);
  expect(out).toEqual(long.subarray(0, 100));
});

test("impossible ranges are refused", () => {
  for (const range of [
    { high: 0 },
    { low: 3, high: 3 },
    { high: 1.5 },
    { high: 2 ** 31 + 1 },
    { high: Number.NaN },
  ]) {
    expect(() => integers(key(1), [2], range)).toThrow(AdvectError);
  }
  expect(() => permutation(key(1), -1)).toThrow(AdvectError);
});

test("a permutation holds every number once", () => {
  for (const count of [0, 1, 2, 17, 5000]) {
    const { data, shape } = permutation(key(count), count);
    expect(shape).toEqual([count]);
    expect(Array.from(data).sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
  }
});

test("all 24 orders of four are equally likely", () => {
  const index = new Map<string, number>();
  const orders = key(3)
    .split(24_000)
    .map((child) => permutation(child, 4).data.join());
  for (const order of orders) if (!index.has(order)) index.set(order, index.size);
  expect(index.size).toBe(24);
  expect(
    score(
      tally(
        orders.map((order) => index.get(order)!),
        24,
      ),
    ),
  ).toBeLessThan(4);
});

test("every position of a longer permutation is uniform", () => {
  const draws = key(4)
    .split(5000)
    .map((child) => permutation(child, 20).data);
  for (const position of [0, 7, 19]) {
    expect(
      score(
        tally(
          draws.map((draw) => draw[position]!),
          20,
        ),
      ),
    ).toBeLessThan(4);
  }
});
