import fc from "fast-check";
import { expect, test } from "vitest";
import { type Spacing, spacedSteps, spacedTimes } from "../../../src/flow/diffusion/index.ts";
import { linear } from "./cases.ts";

const spacings: readonly Spacing[] = ["leading", "linspace", "trailing"];

test("spaces ten of a thousand as the table of the paper", () => {
  const of = (spacing: Spacing) => spacedSteps({ of: 1000, count: 10, spacing });
  expect(of("leading")).toEqual([900, 800, 700, 600, 500, 400, 300, 200, 100, 0]);
  expect(of("linspace")).toEqual([999, 888, 777, 666, 555, 444, 333, 222, 111, 0]);
  expect(of("trailing")).toEqual([999, 899, 799, 699, 599, 499, 399, 299, 199, 99]);
});

test("rounds halves to even", () => {
  expect(spacedSteps({ of: 100, count: 8, spacing: "trailing" })).toEqual([99, 87, 74, 61, 49, 37, 24, 11]);
  expect(spacedSteps({ of: 98, count: 3, spacing: "linspace" })).toEqual([97, 48, 0]);
});

test("every spacing falls strictly, within the steps, and keeps all of them where all are asked for", () => {
  const sizes = fc
    .integer({ min: 1, max: 1500 })
    .chain((of) => fc.tuple(fc.constant(of), fc.integer({ min: 1, max: of })));
  fc.assert(
    fc.property(sizes, fc.constantFrom(...spacings), ([of, count], spacing) => {
      const steps = spacedSteps({ of, count, spacing });
      expect(steps).toHaveLength(count);
      expect(steps.every((step, i) => Number.isInteger(step) && (i === 0 || step < steps[i - 1]!))).toBe(
        true,
      );
      expect(steps[0]).toBeLessThan(of);
      expect(steps.at(-1)).toBeGreaterThanOrEqual(0);
      const all = spacedSteps({ of, count: of, spacing });
      expect(all.every((step, i) => step === of - 1 - i)).toBe(true);
    }),
  );
});

test("times rise from the kept steps to the data", () => {
  expect(spacedTimes(linear, { count: 4 })).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(spacedTimes(linear, { count: 4, spacing: "leading" })).toEqual([0.24, 0.49, 0.74, 0.99, 1]);
});

test("refuses more steps than there are, and fractions", () => {
  expect(() => spacedSteps({ of: 10, count: 11 })).toThrow("at most 10");
  expect(() => spacedSteps({ of: 10, count: 0 })).toThrow("spacedSteps: expected count");
  expect(() => spacedSteps({ of: 10, count: 2, spacing: "even" as Spacing })).toThrow("even");
});
