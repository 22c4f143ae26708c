import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ActionDimension, limiter } from "../../../src/robot/safety/index.ts";

const stepSeconds = 0.02;
const rounding = 1e-12;
const joint: ActionDimension = {
  name: "joint",
  kind: "position",
  unit: "rad",
  low: -1,
  high: 1,
  maxRate: 2,
  maxAcceleration: 10,
};
const wheel: ActionDimension = { ...joint, name: "wheel", kind: "velocity", unit: "m/s" };
const motor: ActionDimension = { ...joint, name: "motor", kind: "torque", unit: "Nm" };

/** Limits of any size, and a place to begin in the range. */
const axes = fc
  .record({
    kind: fc.constantFrom("position" as const, "delta" as const, "velocity" as const, "torque" as const),
    low: fc.double({ min: -1e3, max: 0, noNaN: true }),
    width: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
    maxRate: fc.option(fc.double({ min: 1e-3, max: 1e5, noNaN: true }), { nil: undefined }),
    maxAcceleration: fc.option(fc.double({ min: 1e-2, max: 1e6, noNaN: true }), { nil: undefined }),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ kind, low, width, maxRate, maxAcceleration, at }) => {
    const high = Math.max(low + width, 1e-3);
    const limits = { ...(maxRate && { maxRate }), ...(maxAcceleration && { maxAcceleration }) };
    const dimension: ActionDimension = { name: "x", kind, unit: "", low, high, ...limits };
    return { dimension, start: Math.min(high, low + at * (high - low)) };
  });
/** Anything at all, and often something near the range. */
const wishes = fc.array(
  fc.oneof(fc.double(), fc.double({ min: -2e3, max: 2e3, noNaN: true }), fc.constant(Number.NaN)),
  {
    maxLength: 60,
  },
);

describe("whatever is wanted", () => {
  test("what is given is finite and inside range, rate and acceleration, all three", () => {
    fc.assert(
      fc.property(axes, wishes, fc.infiniteStream(fc.boolean()), ({ dimension, start }, wanted, resting) => {
        const { kind, low, high, maxRate = Infinity, maxAcceleration = Infinity } = dimension;
        const limits = limiter({ action: [dimension], stepSeconds, safeTorques: { x: start } });
        limits.start([start]);
        let [before, last] = [limits.command[0]!, limits.command[0]!];
        expect(last).toBe(kind === "position" || kind === "torque" ? start : 0);
        const tolerance = 1e-9 * (high - low);
        for (const want of wanted) {
          const rest = resting.next().value;
          const given = rest ? limits.rest()[0]! : limits.limit([want]).action[0]!;
          expect(given).toBeGreaterThanOrEqual(low);
          expect(given).toBeLessThanOrEqual(high);
          expect(Math.abs(given - last)).toBeLessThanOrEqual(maxRate * stepSeconds + tolerance);
          const change = Math.abs(given - 2 * last + before);
          expect(change).toBeLessThanOrEqual(maxAcceleration * stepSeconds ** 2 + tolerance);
          [before, last] = [last, given];
        }
      }),
      { numRuns: 500 },
    );
  });

  test("what is given equals it when nothing was clamped, and every difference is reported", () => {
    fc.assert(
      fc.property(axes, wishes, ({ dimension, start }, wanted) => {
        const limits = limiter({ action: [dimension], stepSeconds, safeTorques: { x: start } });
        limits.start([start]);
        for (const want of wanted) {
          const { action, clamps } = limits.limit([want]);
          if (clamps.length === 0) expect(action[0]).toBe(want);
          else expect(clamps).toMatchObject([{ dimension: "x", wanted: want, given: action[0] }]);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("a clamp", () => {
  const first = (dimension: ActionDimension, wanted: number) => {
    const limits = limiter({ action: [dimension], stepSeconds });
    limits.start([0]);
    return limits.limit([wanted]).clamps[0];
  };

  test.each([
    ["range", { ...joint, maxRate: 1e6, maxAcceleration: 1e9 }, 3, 1],
    ["rate", { ...joint, maxAcceleration: 1e6 }, 3, 0.04],
    ["acceleration", joint, -3, -0.004],
    ["finite", joint, Number.POSITIVE_INFINITY, 0],
    ["finite", joint, Number.NaN, 0],
  ] as const)("by %s is reported as such", (limit, dimension, wanted, given) => {
    const clamp = first(dimension, wanted)!;
    expect(clamp).toMatchObject({ dimension: "joint", limit, wanted });
    expect(clamp.given).toBeCloseTo(given, 12);
  });

  test("is not made for a path that keeps the limits, which passes to the bit", () => {
    const limits = limiter({ action: [joint], stepSeconds });
    limits.start([-0.5]);
    for (let i = 0; i < 200; i++) {
      const wanted = -0.5 * Math.cos(2 * i * stepSeconds);
      expect(limits.limit([wanted])).toEqual({ action: Float64Array.of(wanted), clamps: [] });
    }
  });
});

test("towards the end of the range it brakes in time, at full speed before that", () => {
  const limits = limiter({ action: [joint], stepSeconds });
  limits.start([-1]);
  const path = [-1, ...Array.from({ length: 100 }, () => limits.limit([5]).action[0]!)];
  const steps = path.slice(1).map((value, i) => value - path[i]!);
  expect(Math.max(...steps)).toBeCloseTo(2 * stepSeconds, 12);
  // 2 rad at 2 rad/s, and 0.2 s each to speed up and to brake at 10 rad/s^2: 1.2 s
  expect(path.findIndex((value) => value > 1 - 1e-9)).toBeLessThanOrEqual(62);
  expect(path.at(-1)).toBe(1);
});

describe("what is wanted out of reach", () => {
  const ticks = Array.from({ length: 120 }, (_, i) => i);

  test("is approached without overshooting, and reached", () => {
    const limits = limiter({ action: [joint], stepSeconds });
    limits.start([-0.7]);
    const path = ticks.map(() => limits.limit([0.8]).action[0]!);
    expect(
      path.filter((value, i) => value > 0.8 + rounding || value < (path[i - 1] ?? -1) - rounding),
    ).toEqual([]);
    expect(path.at(-1)).toBe(0.8);
  });

  test("is caught up with where it moves, to the bit", () => {
    const limits = limiter({ action: [joint], stepSeconds });
    limits.start([-0.9]);
    const last = ticks.map((i) => limits.limit([-0.7 + 0.01 * i]))[119]!;
    expect(last).toEqual({ action: Float64Array.of(-0.7 + 0.01 * 119), clamps: [] });
  });
});

describe("the safe action", () => {
  test("of a position is to come to rest within the limits and stay", () => {
    const limits = limiter({ action: [joint], stepSeconds });
    limits.start([0]);
    for (let i = 0; i < 10; i++) limits.limit([1]);
    const moving = limits.command[0]!;
    const path = Array.from({ length: 30 }, () => limits.rest()[0]!);
    expect(path[0]).toBeGreaterThan(moving);
    expect(path.slice(12).every((value) => value === path.at(-1))).toBe(true);
  });

  test("of a position is where the robot was measured, before anything was wanted", () => {
    const limits = limiter({ action: [joint], stepSeconds });
    limits.start([0.3]);
    expect([limits.rest(), limits.rest()]).toEqual([Float64Array.of(0.3), Float64Array.of(0.3)]);
  });

  test.each([
    ["velocity", wheel, {}, 0],
    ["torque", motor, { motor: -0.5 }, -0.5],
  ] as const)(
    "of a %s runs down to its safe value without passing it",
    (_kind, dimension, safeTorques, end) => {
      const limits = limiter({ action: [dimension], stepSeconds, safeTorques });
      limits.start([0]);
      for (let i = 0; i < 100; i++) limits.limit([0.8]);
      expect(limits.command[0]).toBe(0.8);
      const path = Array.from({ length: 150 }, () => limits.rest()[0]!);
      expect(
        path.filter((value, i) => value < end - rounding || value > (path[i - 1] ?? 1) + rounding),
      ).toEqual([]);
      expect(path.at(-1)).toBe(end);
    },
  );

  test("stands for what is not a number, dimension by dimension", () => {
    const limits = limiter({ action: [joint, { ...wheel, maxAcceleration: 1e9 }], stepSeconds });
    limits.start([0.2, Number.NaN]);
    expect(limits.limit([Number.NaN, 0.04]).action).toEqual(Float64Array.of(0.2, 0.04));
    expect(limits.limit([0.2, Number.NaN]).action).toEqual(Float64Array.of(0.2, 0));
  });
});

describe("a limiter", () => {
  test("begins inside the range, and says so, where the robot stands outside", () => {
    const limits = limiter({ action: [joint], stepSeconds });
    expect(limits.start([1.5])).toEqual([{ dimension: "joint", wanted: 1.5, given: 1, limit: "range" }]);
    expect(limits.rest()).toEqual(Float64Array.of(1));
  });

  test.each<[string, Partial<ActionDimension>]>([
    ["a range", { low: 1, high: 1 }],
    ["a range", { low: Number.NaN }],
    ["a positive rate", { maxRate: 0 }],
    ["a positive acceleration", { maxAcceleration: Number.NaN }],
    ["0 in the range of a velocity", { kind: "velocity", low: 0.1 }],
    ["a safe torque", { kind: "torque" }],
  ])("refuses dimensions without %s", (_what, wrong) => {
    const action = [{ ...joint, ...wrong }];
    expect(() => limiter({ action, stepSeconds })).toThrow(expect.objectContaining({ kind: "option" }));
  });

  test("refuses to command before it knows where the robot is, and at a place that is no number", () => {
    const limits = limiter({ action: [joint], stepSeconds });
    expect(() => limits.limit([0])).toThrow(/measured position/);
    expect(() => limits.rest()).toThrow(/measured position/);
    expect(() => limits.start([Number.NaN])).toThrow(expect.objectContaining({ kind: "numerical" }));
    expect(() => limits.rest()).toThrow(/measured position/);
  });

  test("refuses a wish of another length", () => {
    const limits = limiter({ action: [joint], stepSeconds });
    limits.start([0]);
    expect(() => limits.limit([0, 0])).toThrow(expect.objectContaining({ kind: "shape" }));
  });
});
