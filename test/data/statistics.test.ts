import fc from "fast-check";
import { expect, test } from "vitest";
import { rescaling, standardization, statistics } from "../../src/data/index.ts";
import { array, ndarray } from "../../src/engine/array/index.ts";
import { key, normal } from "../../src/engine/random/index.ts";

const x = array([
  [1, 10, 5],
  [2, 20, 5],
  [6, 30, 5],
]);

test("are those of each column", () => {
  const { mean, std, min, max } = statistics(x);
  expect([mean.shape, [...mean.data]]).toEqual([[3], [3, 20, 5]]);
  expect([...std.data]).toEqual([Math.sqrt(14 / 3), Math.sqrt(200 / 3), 0]);
  expect([[...min.data], [...max.data]]).toEqual([
    [1, 10, 5],
    [6, 30, 5],
  ]);
});

test("a large mean does not spoil the deviation", () => {
  const { std } = statistics(ndarray(Float64Array.of(1e9, 1e9 + 1, 1e9 + 2), [3]));
  expect(std.shape).toEqual([]);
  expect(std.data[0]).toBeCloseTo(Math.sqrt(2 / 3), 12);
});

test("standardised data have mean 0 and deviation 1, rescaled data the range [-1, 1]; constants become 0", () => {
  const wild = normal(key("wild"), [500, 2, 2], { mean: 7, std: 3 });
  const { mean, std } = statistics(standardization(statistics(wild)).apply(wild));
  for (const value of mean.data) expect(value).toBeCloseTo(0, 6);
  for (const value of std.data) expect(value).toBeCloseTo(1, 6);
  const { min, max } = statistics(rescaling(statistics(wild)).apply(wild));
  for (const value of min.data) expect(value).toBeCloseTo(-1, 6);
  for (const value of max.data) expect(value).toBeCloseTo(1, 6);
  for (const change of [standardization, rescaling]) {
    const y = change(statistics(x)).apply(x).data;
    expect([y[2], y[5], y[8]]).toEqual([0, 0, 0]);
  }
});

test("what is applied is inverted, also outside the data and for constants", () => {
  const rows = fc.array(
    fc.array(fc.float({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 3, maxLength: 3 }),
    {
      minLength: 1,
      maxLength: 5,
    },
  );
  fc.assert(
    fc.property(rows, (values) => {
      const given = array(values);
      for (const change of [standardization(statistics(x)), rescaling(statistics(x))]) {
        const back = change.invert(change.apply(given)).data;
        given.data.forEach((value, i) => expect(Math.abs(back[i]! - value)).toBeLessThan(1e-3));
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("no rows, values that are not finite, and samples of another shape are refused", () => {
  expect(() => statistics(array([]))).toThrow("statistics: expected [count, ...shape], not empty");
  expect(() => statistics(array([1, Number.NaN]))).toThrow("got NaN at element 1");
  expect(() => standardization(statistics(x)).apply(array([[1, 2]]))).toThrow("samples of shape [count, 3]");
});
