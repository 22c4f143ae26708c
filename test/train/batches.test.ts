import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { array, type NdArray, ndarray } from "../../src/engine/array/index.ts";
import { key, permutation, uniform } from "../../src/engine/random/index.ts";
import { arrayBatches, type Batches, mapBatches, prefetched, streamBatches } from "../../src/train/index.ts";

const numbered = (rows: number) =>
  ndarray(
    Int32Array.from({ length: rows }, (_, i) => i),
    [rows],
  );

/** The rows of batches `from` to `to`. */
async function rowsOf(batches: Batches<NdArray>, from: number, to: number, run = key("run")) {
  const found: number[] = [];
  for (let i = from; i < to; i++) found.push(...(await batches.at(i, run)).data);
  return found;
}

describe("batches of arrays", () => {
  test("hold every row once an epoch, in an order of its own, and leave out what fills no batch", () => {
    const property = fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.nat(39), async (rows, less) => {
      const batchSize = 1 + (less % rows);
      const batches = arrayBatches(numbered(rows), { batchSize });
      const perEpoch = Math.floor(rows / batchSize);
      for (const epoch of [0, 1, 5]) {
        const found = await rowsOf(batches, epoch * perEpoch, (epoch + 1) * perEpoch);
        const order = permutation(key("run").fold("epoch").fold(epoch), rows).data;
        expect(found).toEqual([...order.slice(0, perEpoch * batchSize)]);
        expect(new Set(found).size).toBe(perEpoch * batchSize);
      }
    });
    return fc.assert(property, { numRuns: 60 });
  });

  test("are the same in whatever order they are asked for, and others for another key", async () => {
    const batches = arrayBatches(numbered(100), { batchSize: 10 });
    const forward = await rowsOf(batches, 0, 30);
    const later = await rowsOf(batches, 25, 30);
    expect(later).toEqual(forward.slice(250));
    expect([...(await rowsOf(batches, 0, 1))]).toEqual(forward.slice(0, 10));
    expect(await rowsOf(batches, 0, 30, key("other"))).not.toEqual(forward);
    expect(forward.slice(0, 100)).not.toEqual(forward.slice(100, 200));
  });

  test("keep the rows of a tree together", async () => {
    const x = ndarray(
      Float32Array.from({ length: 24 }, (_, i) => i),
      [12, 2],
    );
    const { x: points, label } = await arrayBatches({ x, label: numbered(12) }, { batchSize: 5 }).at(
      3,
      key(1),
    );
    expect(points.shape).toEqual([5, 2]);
    expect([...points.data]).toEqual([...label.data].flatMap((row) => [2 * row, 2 * row + 1]));
  });

  test.each([
    {
      data: numbered(3),
      batchSize: 4,
      kind: "option",
      says: "batchSize at most 3, the rows of the data, got 4",
    },
    { data: numbered(3), batchSize: 0, kind: "option", says: "batchSize an integer >= 1" },
    { data: numbered(0), batchSize: 1, kind: "shape", says: "axis of at least 1, got an array of shape [0]" },
    { data: {}, batchSize: 1, kind: "shape", says: "at least one array" },
    { data: array(1), batchSize: 1, kind: "shape", says: "an array of shape []" },
    {
      data: { x: numbered(3), y: numbered(2) },
      batchSize: 1,
      kind: "shape",
      says: "as the first has 3 rows, got y of shape [2]",
    },
    {
      data: { x: array([[1, 2], [3, Number.NaN]]) }, // biome-ignore format: one line
      batchSize: 1,
      kind: "numerical",
      says: "expected finite data, got NaN in row 1 of x",
    },
    { data: array([1, Infinity]), batchSize: 1, kind: "numerical", says: "got Infinity in row 1. Remove" },
  ])("are refused: $says", ({ data, batchSize, kind, says }) => {
    const build = () => arrayBatches<unknown>(data, { batchSize });
    expect(build).toThrow(says);
    expect(build).toThrow(expect.objectContaining({ name: "AdvectError", kind }));
  });
});

test("mapped batches get a key of their own step", async () => {
  const run = key("run");
  const source = arrayBatches(numbered(8), { batchSize: 2 });
  const mapped = mapBatches(
    source,
    ({ batch, key: own, index }) => [batch, uniform(own, [3]), index] as const,
  );
  expect(mapped.batchSize).toBe(2);
  for (const i of [0, 7]) {
    const expected = [source.at(i, run), uniform(run.fold("step").fold(i), [3]), i];
    expect(await mapped.at(i, run)).toEqual(expected);
  }
  const slow = mapBatches({ batchSize: 2, at: async (index) => index }, ({ batch }) => batch + 100);
  expect(await slow.at(5, run)).toBe(105);
});

describe("a stream", () => {
  function counting(end = Infinity) {
    const opened: number[] = [];
    const batches = streamBatches(
      async function* ({ start }) {
        opened.push(start);
        for (let i = start; i < end; i++) yield i;
      },
      { batchSize: 1 },
    );
    return { batches, opened };
  }

  test("is opened once for batches in order, where a run resumes, and again where it goes back", async () => {
    const { batches, opened } = counting();
    const run = key(1);
    for (let i = 40; i < 50; i++) expect(await batches.at(i, run)).toBe(i);
    expect(opened).toEqual([40]);
    expect(await Promise.all([10, 11, 12].map((i) => batches.at(i, run)))).toEqual([10, 11, 12]);
    expect(await batches.at(13, key(2))).toBe(13);
    expect(opened).toEqual([40, 10, 13]);
  });

  test("may be an iterable that does not wait", async () => {
    const batches = streamBatches(({ start }) => ["a", "b", "c"].slice(start), { batchSize: 1 });
    expect([await batches.at(1, key(1)), await batches.at(2, key(1))]).toEqual(["b", "c"]);
  });

  test("that ends says how many batches it had", async () => {
    const { batches } = counting(3);
    for (let i = 0; i < 3; i++) await batches.at(i, key(1));
    await expect(batches.at(3, key(1))).rejects.toMatchObject({
      kind: "format",
      message: expect.stringContaining("a stream with batch 3, got one that ends after 3 batches"),
    });
  });
});

describe("prefetched batches", () => {
  test("are the same, each made once, and asked for ahead of their turn", async () => {
    const asked: number[] = [];
    const slow: Batches<number> = {
      batchSize: 4,
      at: (index) => new Promise((done) => setTimeout(() => done(10 * index), asked.push(index) % 3)),
    };
    const batches = prefetched(slow, { ahead: 2 });
    expect(await batches.at(5, key(1))).toBe(50);
    expect(asked).toEqual([5, 6, 7]);
    for (let i = 6; i < 12; i++) expect(await batches.at(i, key(1))).toBe(10 * i);
    expect(asked).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13]);
    expect(await batches.at(2, key(1))).toBe(20);
  });

  test("report a failure when its turn comes, not before", async () => {
    const at = (index: number) => {
      if (index === 2) throw new Error("batch 2 is broken");
      return index;
    };
    const batches = prefetched({ batchSize: 1, at }, { ahead: 3 });
    expect([await batches.at(0, key(1)), await batches.at(1, key(1))]).toEqual([0, 1]);
    await expect(batches.at(2, key(1))).rejects.toThrow("batch 2 is broken");
    expect(await batches.at(3, key(1))).toBe(3);
  });
});
