import fc from "fast-check";
import { expect, test } from "vitest";
import { type FlowMatchOptions, flowMatchTimes } from "../../../src/flow/diffusion/index.ts";

test("without options, levels fall evenly from 1 to the smallest, then to 0", () => {
  expect(flowMatchTimes(4, { trainSteps: 4 })).toEqual([0, 0.25, 0.5, 0.75, 1]);
});

test("times rise from 0 to 1, whatever the options", () => {
  const options = fc.record<FlowMatchOptions>(
    {
      shift: fc.oneof(
        fc.double({ min: 0.2, max: 10, noNaN: true }),
        fc.record({ mu: fc.double({ min: 0, max: 2, noNaN: true }) }),
      ),
      terminal: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      spacing: fc.constantFrom("uniform", "karras", "exponential"),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), options, (steps, given) => {
      const times = flowMatchTimes(steps, given);
      expect(times).toHaveLength(steps + 1);
      expect(times[0]).toBeCloseTo(0, 12);
      expect(times.at(-1)).toBe(1);
      expect(times.every((t, i) => i === 0 || t > times[i - 1]!)).toBe(true);
    }),
  );
});

test("a linear mu is a factor, an exponential one its logarithm, both on unshifted levels", () => {
  const linear = flowMatchTimes(5, { shift: { mu: 2, form: "linear" } });
  expect(flowMatchTimes(5, { shift: { mu: Math.log(2) } })).toEqual(linear.map((t) => expect.closeTo(t, 12)));
  expect(linear[4]).toBeCloseTo(1 - 0.002 / 1.001, 12);
});

test("the terminal is the last level that is evaluated", () => {
  expect(flowMatchTimes(6, { shift: 3, terminal: 0.1, spacing: "karras" })[5]).toBeCloseTo(0.9, 12);
});

test("refuses options that cannot be", () => {
  expect(() => flowMatchTimes(0)).toThrow("flowMatchTimes: expected steps");
  expect(() => flowMatchTimes(5, { shift: 0 })).toThrow("shift > 0");
  expect(() => flowMatchTimes(5, { shift: { mu: Number.NaN } })).toThrow("shift > 0");
  expect(() => flowMatchTimes(5, { terminal: 1 })).toThrow("terminal in (0, 1)");
  expect(() => flowMatchTimes(5, { trainSteps: 0.5 })).toThrow("trainSteps");
});
