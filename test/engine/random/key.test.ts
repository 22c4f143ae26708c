import fc from "fast-check";
import { expect, test } from "vitest";
import { AdvectError } from "../../../src/engine/error.ts";
import { type Key, key, normal, restoreKey, uniform } from "../../../src/engine/random/index.ts";
import { chiSquareScore, correlationScore, tally } from "./statistics.ts";

const n = 40_000;
const draws = (from: Key) => normal(from, [n]).data;

test("a key is what its words say", () => {
  const child = key(7).fold("noise").split(3)[2]!;
  const saved = JSON.parse(JSON.stringify(child.words));
  expect(draws(restoreKey(saved))).toEqual(draws(child));
  expect(restoreKey(saved).fold("a").words).toEqual(child.fold("a").words);
});

test("the first words are what they were when this was written", () => {
  expect(key(0).words).toEqual([2729577679, 1363183474, 2499606511, 3062399834]);
  expect(key("advect").words).toEqual([55592036, 778487842, 1830775127, 2598876792]);
  expect(key(1).fold("time").words).toEqual([2231593572, 1662132842, 306473034, 2602030015]);
  expect(key(1).fold(2 ** 40 + 3).words).toEqual([479018928, 2554896037, 85209827, 3445624141]);
  expect(key(1).split(2)[1]!.words).toEqual([1147286884, 4203446463, 2584578616, 1962148223]);
});

test("keys, names, numbers and splits all differ", () => {
  const root = key(1);
  const names = ["", "1", "a", "b", "ab", "abcd", "abcd\0", "abcde", "é", "x".repeat(100)];
  const numbers = [0, 1, 2, 97, 2 ** 31, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
  const keys = [
    root,
    key("1"),
    key(2),
    ...names.map((name) => root.fold(name)),
    ...numbers.map((number) => root.fold(number)),
    ...root.split(100),
    root.fold("a").fold("b"),
    root.fold("b").fold("a"),
  ];
  expect(new Set(keys.map(({ words }) => words.join())).size).toBe(keys.length);
});

test("ten thousand children share no word", () => {
  const words = [...key(5).split(5000), ...Array.from({ length: 5000 }, (_, i) => key(5).fold(`${i}`))];
  for (let at = 0; at < 4; at++) {
    const different = new Set(words.map((child) => child.words[at]));
    expect(different.size).toBeGreaterThan(words.length - 3); // 0.01 collisions of 32-bit words expected
  }
});

test("the low bits of children's words are uniform", () => {
  const words = key(6)
    .split(16_000)
    .flatMap((child) => child.words);
  for (const shift of [0, 8, 16, 24]) {
    const counts = tally(
      words.map((word) => (word >>> shift) & 255),
      256,
    );
    expect(
      Math.abs(
        chiSquareScore(
          counts,
          counts.map(() => words.length / 256),
        ),
      ),
    ).toBeLessThan(4);
  }
});

test("streams of parent, children, siblings and neighbours are uncorrelated, also when shifted", () => {
  const root = key(11);
  const family = [
    root,
    root.fold("a"),
    root.fold("b"),
    root.fold(0),
    root.fold(1),
    ...root.split(3),
    key(12),
  ];
  const streams = family.map(draws);
  for (let i = 0; i < streams.length; i++) {
    for (const lag of [1, 4, 8, 16, 4096]) {
      const [head, tail] = [streams[i]!.subarray(0, n - lag), streams[i]!.subarray(lag)];
      expect(Math.abs(correlationScore(head, tail))).toBeLessThan(4.5);
    }
    for (let j = 0; j < i; j++) {
      expect(Math.abs(correlationScore(streams[i]!, streams[j]!))).toBeLessThan(4.5);
      expect(Math.abs(correlationScore(streams[i]!.map(Math.abs), streams[j]!.map(Math.abs)))).toBeLessThan(
        4.5,
      );
    }
  }
});

test("the first draws of many children are independent, not only the draws within one", () => {
  const first = (name: string) =>
    Float32Array.from(key(13).fold(name).split(4000), (child) => uniform(child, [1]).data[0]!);
  const [a, b] = [first("a"), first("b")];
  expect(Math.abs(correlationScore(a, b))).toBeLessThan(4.5);
  expect(Math.abs(correlationScore(a.subarray(1), a.subarray(0, -1)))).toBeLessThan(4.5);
});

test("child i of split does not depend on the count", () => {
  const words = (count: number) =>
    key(1)
      .split(count)
      .map((child) => child.words);
  expect(words(5)).toEqual(words(9).slice(0, 5));
});

test("names that are no names are refused", () => {
  for (const bad of [-1, 0.5, Number.NaN, Infinity, 2 ** 53]) {
    expect(() => key(1).fold(bad)).toThrow(AdvectError);
    expect(() => key(1).split(bad)).toThrow(AdvectError);
    expect(() => key(bad)).toThrow(AdvectError);
  }
  for (const bad of [[], [1, 2, 3], [1, 2, 3, 4, 5], [0, 0, 0, 2 ** 32], [0, 0, 0, -1], [0, 0.5, 0, 0]]) {
    expect(() => restoreKey(bad)).toThrow(AdvectError);
  }
});

test("different names give different keys", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(key(1).fold(a).words.join() === key(1).fold(b).words.join()).toBe(a === b);
    }),
    { seed: 1, numRuns: 500 },
  );
});
