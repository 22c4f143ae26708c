import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { axisOver, scale } from "../../src/figure/scale.ts";
import { tickWidth } from "../../src/figure/ticks.ts";

const anything = fc.array(fc.double(), { minLength: 1, maxLength: 20 });
const kind = fc.constantFrom("linear", "log");
const size = fc.integer({ min: 40, max: 900 });

describe("an axis over any numbers", () => {
  test("is finite and not empty, shows all it can, and places low at 0 and high at the end", () => {
    fc.assert(
      fc.property(anything, kind, size, (values, kind, length) => {
        const axis = axisOver(values, { kind });
        expect(Number.isFinite(axis.high - axis.low)).toBe(true);
        expect(axis.low).toBeLessThan(axis.high);
        if (kind === "log") expect(axis.low).toBeGreaterThan(0);
        const shown = values.filter(
          (value) => Math.abs(value) <= 1e149 && (kind === "linear" || value >= 1e-149),
        );
        expect(shown.every((value) => value >= axis.low && value <= axis.high)).toBe(true);
        const { place } = scale(axis, { length, along: "x" });
        expect(place(axis.low)).toBeCloseTo(0, 6);
        expect(place(axis.high)).toBeCloseTo(length, 6);
      }),
    );
  });

  test("places larger numbers further", () => {
    fc.assert(
      fc.property(anything, kind, fc.double({ min: 0, max: 1, noNaN: true }), (values, kind, part) => {
        const { low, high } = axisOver(values, { kind });
        const { place } = scale({ kind, low, high }, { length: 100, along: "y" });
        const between = low + part * (high - low);
        expect(place(between)).toBeGreaterThanOrEqual(place(low));
        expect(place(between)).toBeLessThanOrEqual(place(high) + 1e-9);
      }),
    );
  });

  test("has numbers side by side that do not overlap, unless two are all it has", () => {
    fc.assert(
      fc.property(anything, kind, size, (values, kind, length) => {
        const { ticks, place } = scale(axisOver(values, { kind }), { length, along: "x" });
        const ends = ticks.map((tick) => ({
          left: place(tick.value) - tickWidth(tick) / 2,
          right: place(tick.value) + tickWidth(tick) / 2,
        }));
        if (ticks.length < 4) return;
        for (let i = 1; i < ends.length; i++) expect(ends[i]!.left).toBeGreaterThan(ends[i - 1]!.right);
      }),
    );
  });
});

describe("an axis", () => {
  test.each([
    ["nothing", [], { low: 0, high: 1 }],
    ["no finite number", [Number.NaN, Number.POSITIVE_INFINITY], { low: 0, high: 1 }],
    ["one number", [4], { low: 2, high: 6 }],
    ["zero", [0, 0], { low: -1, high: 1 }],
    ["two numbers", [10, 20], { low: 9.5, high: 20.5 }],
  ])("over %s has room around it", (_, values, { low, high }) => {
    expect(axisOver(values)).toEqual({ kind: "linear", low, high });
  });

  test("that is logarithmic has equal room for equal factors, and none for what is not above 0", () => {
    const axis = axisOver([0, -5, 1, 100], { kind: "log", pad: 0 });
    expect(axis).toEqual({ kind: "log", low: 1, high: 100 });
    expect(scale(axis, { length: 200, along: "x" }).place(10)).toBeCloseTo(100, 9);
  });
});
