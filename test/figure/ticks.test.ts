import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { labelled, labelledApart, linearTicks, logTicks } from "../../src/figure/ticks.ts";

const count = fc.integer({ min: 1, max: 12 });
/** Axes as figures have them: at least a billionth of their numbers long. */
const span = fc
  .record({
    middle: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    power: fc.integer({ min: -2, max: 290 }),
  })
  .map(({ middle, power }) => ({ low: middle - 10 ** power, high: middle + 10 ** power }));
const logSpan = fc
  .record({ low: fc.integer({ min: -290, max: 200 }), decades: fc.double({ min: 1, max: 90, noNaN: true }) })
  .map(({ low, decades }) => ({ low: 1.3 * 10 ** low, high: 1.3 * 10 ** (low + decades) }));

describe("linear ticks", () => {
  test("are inside, ascending, evenly apart by 1, 2 or 5 times a power of ten, and about as many as wanted", () => {
    fc.assert(
      fc.property(span, count, (axis, wanted) => {
        const ticks = linearTicks(axis, wanted);
        expect(ticks.every((tick) => tick >= axis.low && tick <= axis.high)).toBe(true);
        expect(ticks.length).toBeLessThanOrEqual(1.75 * wanted + 1.001);
        expect(ticks.length).toBeGreaterThanOrEqual(Math.floor(wanted / 2));
        const steps = ticks.slice(1).map((tick, i) => tick - ticks[i]!);
        const places = Math.max(...ticks.map(Math.abs), 0) * 1e-15;
        for (const step of steps) {
          expect(step).toBeGreaterThan(0);
          expect(Math.abs(step - steps[0]!)).toBeLessThanOrEqual(4 * places);
          const leading = step / 10 ** Math.floor(Math.log10(step * 1.001));
          expect(Math.min(...[1, 2, 5, 10].map((n) => Math.abs(n - leading)))).toBeLessThan(1e-3);
        }
      }),
    );
  });

  test.each([
    [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [-0.3, 0.3, 3, [-0.2, 0, 0.2]],
    [0.1, 0.35, 5, [0.1, 0.15, 0.2, 0.25, 0.3, 0.35]],
    [-3e-9, 2e-9, 5, [-3e-9, -2e-9, -1e-9, 0, 1e-9, 2e-9]],
  ])("from %d to %d are the decimals one would type", (low, high, wanted, ticks) => {
    expect(linearTicks({ low, high }, wanted)).toEqual(ticks);
  });
});

describe("logarithmic ticks", () => {
  test("are inside and ascending, each 1, 2 or 5 times a power of ten, at least one in a decade", () => {
    fc.assert(
      fc.property(logSpan, count, (axis, wanted) => {
        const ticks = logTicks(axis, wanted);
        expect(ticks.every((tick) => tick >= axis.low && tick <= axis.high)).toBe(true);
        expect(ticks.every((tick, i) => i === 0 || tick > ticks[i - 1]!)).toBe(true);
        expect(ticks.every((tick) => /^[125]e/.test(tick.toExponential()))).toBe(true);
        expect(ticks.length).toBeLessThanOrEqual(2 * wanted + 3);
      }),
    );
  });

  test("are 1, 2, 5 where there is room and powers of ten where there is not", () => {
    expect(logTicks({ low: 0.9, high: 120 }, 6)).toEqual([1, 2, 5, 10, 20, 50, 100]);
    expect(logTicks({ low: 1e-4, high: 1 }, 3)).toEqual([1e-4, 1e-3, 1e-2, 1e-1, 1]);
    expect(logTicks({ low: 1e-9, high: 1e9 }, 4)).toEqual([1e-9, 1e-6, 1e-3, 1, 1e3, 1e6, 1e9]);
  });
});

describe("the labels of an axis", () => {
  const written = (values: number[], label = labelled) =>
    label(values).map(({ text, power }) => (power === undefined ? text : `${text}^${power}`));

  test("have as many decimals each, a true minus, and groups of thousands", () => {
    expect(written([-0.5, 0, 0.25])).toEqual(["−0.50", "0.00", "0.25"]);
    expect(written([0, 5000, 10000])).toEqual(["0", "5,000", "10,000"]);
  });

  test("share a power of ten where numbers are huge or tiny", () => {
    expect(written([0, 5e7, 1e8])).toEqual(["0", "0.5×10^8", "1.0×10^8"]);
    expect(written([-2e-9, 2e-9])).toEqual(["−2×10^−9", "2×10^−9"]);
  });

  test("have a power each on a logarithmic axis that spans many", () => {
    expect(written([0.001, 0.1, 100], labelledApart)).toEqual(["0.001", "0.1", "100"]);
    expect(written([1e-9, 2e-5, 1], labelledApart)).toEqual(["10^−9", "2×10^−5", "10^0"]);
  });

  test("tell all ticks of an axis apart", () => {
    fc.assert(
      fc.property(span, count, (axis, wanted) => {
        const texts = written(linearTicks(axis, wanted));
        expect(new Set(texts).size).toBe(texts.length);
      }),
    );
  });
});
