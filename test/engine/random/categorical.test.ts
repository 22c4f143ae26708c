import { expect, test } from "vitest";
import { array } from "../../../src/engine/array/index.ts";
import { AdvectError } from "../../../src/engine/error.ts";
import { exp } from "../../../src/engine/random/exp.ts";
import { categorical, key } from "../../../src/engine/random/index.ts";
import { chiSquareScore, tally } from "./statistics.ts";

const n = 200_000;
const weights = [1, 0, 4, 2, 0.5, 2.5, 0];
const total = 10;

test("the first categories are what they were when this was written", () => {
  expect(Array.from(categorical(key(1), { probabilities: array(weights) }, [8]).data)).toEqual([
    3, 3, 2, 3, 2, 3, 5, 2,
  ]);
});

test("categories come as often as their probabilities say, those of probability 0 never", () => {
  const { data, dtype } = categorical(key(1), { probabilities: array(weights) }, [n]);
  expect(dtype).toBe("int32");
  const counts = tally(data, weights.length);
  expect([counts[1], counts[6]]).toEqual([0, 0]);
  const possible = (_: number, i: number) => weights[i]! > 0;
  const expected = weights.map((weight) => (weight / total) * n);
  expect(Math.abs(chiSquareScore(counts.filter(possible), expected.filter(possible)))).toBeLessThan(4);
});

test("logits draw what their exponentials draw", () => {
  const logits = array(
    weights.map((weight) => Math.log(weight) + 700),
    "float64",
  );
  const fromLogits = categorical(key(2), { logits }, [n]).data;
  const direct = categorical(key(2), { probabilities: array(weights) }, [n]).data;
  expect(fromLogits).toEqual(direct);
});

test("rows of weights draw for their own places", () => {
  const rows = array([
    [0, 0, 3],
    [0.2, 0.8, 0],
  ]);
  const { data, shape } = categorical(key(3), { probabilities: rows }, [5000, 2]);
  expect(shape).toEqual([5000, 2]);
  expect(data.every((category, i) => (i % 2 === 0 ? category === 2 : category < 2))).toBe(true);
  const ones = data.filter((category, i) => i % 2 === 1 && category === 1).length;
  expect(Math.abs(ones - 4000) / Math.sqrt(5000 * 0.16)).toBeLessThan(4);
});

test("a draw of n is a prefix of a longer one", () => {
  const long = categorical(key(4), { probabilities: array(weights) }, [9000]).data;
  expect(categorical(key(4), { probabilities: array(weights) }, [77]).data).toEqual(long.subarray(0, 77));
});

test("impossible weights and shapes are refused", () => {
  for (const bad of [
    [0, 0],
    [-1, 2],
    [Number.NaN, 1],
    [Infinity, 1],
  ]) {
    expect(() => categorical(key(1), { probabilities: array(bad) }, [3])).toThrow(AdvectError);
  }
  expect(() => categorical(key(1), { logits: array([-Infinity, -Infinity]) }, [3])).toThrow(AdvectError);
  expect(() => categorical(key(1), { probabilities: array([[1, 2]]) }, [3])).toThrow(AdvectError);
  expect(() => categorical(key(1), { probabilities: array(3) }, [3])).toThrow(AdvectError);
  expect(() => categorical(key(1), { probabilities: array([]) }, [3])).toThrow(AdvectError);
});

test("exp agrees with Math.exp to 1e-15", () => {
  for (let i = 0; i <= 7080; i++) {
    expect(Math.abs(exp(-i / 10) / Math.exp(-i / 10) - 1)).toBeLessThan(1e-15);
  }
  expect([exp(0), exp(-709), exp(-Infinity)]).toEqual([1, 0, 0]);
});
