import { describe, expect, test } from "vitest";
import { ndarray, takeRows } from "../../../src/engine/array/index.ts";
import { key, permutation } from "../../../src/engine/random/index.ts";
import { classwiseOT, conditionalOT, exactOT, independent } from "../../../src/flow/coupling/index.ts";
import { batchOf, costOf, labels, range, sorted } from "./batches.ts";

const count = 48;
const labelled = batchOf(count, labels(count, 5));
const couplings = [independent(), exactOT(), classwiseOT(), conditionalOT({ weight: 2 })];

describe.each(couplings)("$name", (coupling) => {
  test("keeps the order of x0 and uses every x1 once", () => {
    const { source, target } = coupling.pair(labelled);
    expect(Array.from(source)).toEqual(range(count));
    expect(sorted(target)).toEqual(range(count));
  });

  test("does not depend on the key", () => {
    expect(coupling.pair({ ...labelled, key: key("another") })).toEqual(coupling.pair(labelled));
  });

  test("pairs a batch of one", () => {
    expect(coupling.pair(batchOf(1, labels(1, 1)))).toEqual({
      source: Int32Array.of(0),
      target: Int32Array.of(0),
    });
  });
});

test("independent keeps given pairs together", () => {
  expect(Array.from(independent().pair(batchOf(7)).target)).toEqual(range(7));
});

describe("exactOT", () => {
  test("beats a thousand random pairings, and every exchange of two pairs", () => {
    const best = exactOT().pair(labelled);
    const least = costOf(labelled, best);
    for (let trial = 0; trial < 1000; trial++) {
      const target = permutation(key(trial), count).data;
      expect(costOf(labelled, { ...best, target })).toBeGreaterThan(least);
    }
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < i; j++) {
        const target = best.target.slice();
        [target[i], target[j]] = [target[j]!, target[i]!];
        expect(costOf(labelled, { ...best, target })).toBeGreaterThan(least);
      }
    }
  });

  test("finds a permutation hidden in a moved batch", () => {
    const { x0, key: drawn } = labelled;
    const moved = ndarray(
      Float32Array.from(x0.data, (value) => value + 9),
      x0.shape,
    );
    const hidden = permutation(key("hidden"), count).data;
    const { target } = exactOT().pair({ x0, x1: takeRows(moved, hidden), key: drawn });
    expect(Array.from(target, (j) => hidden[j])).toEqual(range(count));
  });

  test("follows a permutation of x0", () => {
    const order = permutation(key("order"), count).data;
    const { target } = exactOT().pair(labelled);
    const permuted = exactOT().pair({ ...labelled, x0: takeRows(labelled.x0, order) });
    expect(permuted.target).toEqual(order.map((row) => target[row]!));
  });

  test("takes images", () => {
    const reshape = (x: typeof labelled.x0) => ({ ...x, shape: [count / 2, 2, 1, 2] });
    const images = { ...labelled, x0: reshape(labelled.x0), x1: reshape(labelled.x1) };
    const flat = (x: typeof labelled.x0) => ({ ...x, shape: [count / 2, 4] });
    const rows = { ...labelled, x0: flat(labelled.x0), x1: flat(labelled.x1) };
    expect(exactOT().pair(images)).toEqual(exactOT().pair(rows));
  });
});

describe("classwiseOT", () => {
  const classes = labels(count, 5).data;

  test("never crosses classes, which plain transport does", () => {
    const crossings = (target: Int32Array) => target.filter((j, i) => classes[i] !== classes[j]).length;
    expect(crossings(classwiseOT().pair(labelled).target)).toBe(0);
    expect(crossings(exactOT().pair(labelled).target)).toBeGreaterThan(0);
  });

  test("is plain transport within every class", () => {
    const { target } = classwiseOT().pair(labelled);
    for (const label of new Set(classes)) {
      const rows = Int32Array.from(range(count).filter((row) => classes[row] === label));
      const members = { x0: takeRows(labelled.x0, rows), x1: takeRows(labelled.x1, rows), key: key(0) };
      const alone = exactOT().pair(members).target;
      expect(Array.from(rows, (row) => target[row])).toEqual(Array.from(alone, (j) => rows[j]));
    }
  });

  test("is plain transport when there is one class, and leaves the batch alone when all differ", () => {
    const one = { ...labelled, condition: labels(count, 1) };
    expect(classwiseOT().pair(one)).toEqual(exactOT().pair(labelled));
    const all = ndarray(Float32Array.from(range(count)), [count]);
    expect(Array.from(classwiseOT().pair({ ...labelled, condition: all }).target)).toEqual(range(count));
  });
});

describe("conditionalOT", () => {
  test("is plain transport for weight 0", () => {
    expect(conditionalOT({ weight: 0 }).pair(labelled)).toEqual(exactOT().pair(labelled));
  });

  test.each(["discrete", "squaredEuclidean"] as const)(
    "is class-wise transport for a large weight: %s",
    (distance) => {
      const pairing = conditionalOT({ weight: 1e4, distance }).pair(labelled);
      expect(pairing).toEqual(classwiseOT().pair(labelled));
    },
  );

  test("trades sample distance for condition distance as the weight grows", () => {
    const condition = ndarray(
      Float32Array.from(range(count), (i) => Math.sin(7 * i)),
      [count, 1],
    );
    const results = [0, 1, 10, 100, 1e4].map((weight) => {
      const pairing = conditionalOT({ weight }).pair({ ...labelled, condition });
      const apart = pairing.target.reduce(
        (sum, j, i) => sum + (condition.data[i]! - condition.data[j]!) ** 2,
        0,
      );
      return { apart, cost: costOf(labelled, pairing) };
    });
    for (let i = 1; i < results.length; i++) {
      expect(results[i]!.apart).toBeLessThanOrEqual(results[i - 1]!.apart + 1e-9);
      expect(results[i]!.cost).toBeGreaterThanOrEqual(results[i - 1]!.cost - 1e-9);
    }
    expect(results[4]!.apart).toBeLessThan(0.01 * results[0]!.apart);
  });

  test("by cosine compares directions, not lengths", () => {
    const angles = range(count).flatMap((i) => [Math.cos(i % 4), Math.sin(i % 4)].map((v) => v * (1 + i)));
    const condition = ndarray(Float32Array.from(angles), [count, 2]);
    const { target } = conditionalOT({ weight: 1e4, distance: "cosine" }).pair({ ...labelled, condition });
    target.forEach((j, i) => expect(j % 4).toBe(i % 4));
    expect(Array.from(target)).not.toEqual(range(count));
  });
});
