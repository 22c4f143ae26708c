import { expect, test } from "vitest";
import {
  asRate,
  constantRate,
  cosineRate,
  exponentialRate,
  linearAnneal,
  linearRate,
  multiStepRate,
  oneCycleRate,
  polynomialRate,
  type Rate,
  restartingRate,
  stepRate,
  withWarmup,
} from "../../src/train/index.ts";
import { expectClose, golden } from "./golden.ts";

const rate = 0.05;
const rates: Record<string, Rate> = {
  lr_cosine: cosineRate({ from: rate, to: 0.001, steps: 20 }),
  lr_cosine_restarts: restartingRate({ from: rate, steps: 5, growth: 2 }),
  lr_onecycle_cos: oneCycleRate({ peak: 0.1, steps: 31 }),
  lr_onecycle_linear_three_phase: oneCycleRate({
    peak: 0.1,
    steps: 31,
    rise: 0.25,
    phases: 3,
    anneal: linearAnneal,
  }),
  lr_step: stepRate({ rate, every: 7, factor: 0.5 }),
  lr_exponential: exponentialRate({ rate, factor: 0.93 }),
  lr_linear: linearRate({ from: 0.1 * rate, to: rate, steps: 8 }),
  lr_polynomial: polynomialRate({ rate, steps: 15, power: 2 }),
  lr_multistep: multiStepRate({ rate, milestones: [4, 11], factor: 0.3 }),
};

const cases = golden<object, { lr: number[] }>("optimizers", "lr_schedule");

test("every golden schedule has its rate here", () => {
  expect(cases.map(({ name }) => name).sort()).toEqual(Object.keys(rates).sort());
});

test.each(cases)("$name has the golden values", ({ name, expected }) => {
  expect(expected.lr).toHaveLength(31);
  expectClose(
    expected.lr.map((_, step) => rates[name]!(step)),
    expected.lr,
    name,
  );
});

test("restarts without growth repeat, and late cycles cost no loop over the early ones", () => {
  const repeating = restartingRate({ from: 1, to: 0.1, steps: 10 });
  expect(repeating(1e12 + 3)).toBe(repeating(3));
  const growing = restartingRate({ from: 1, steps: 3, growth: 3 });
  expect(growing(3 + 9)).toBe(1);
  expect(growing(3 + 9 + 27 / 3)).toBeCloseTo(0.75, 12);
});

test("one cycle starts, peaks and ends where it says, and stays at its end", () => {
  const cycle = oneCycleRate({ peak: 1, steps: 101, rise: 21 / 101, divisor: 10, finalDivisor: 100 });
  expect(cycle(0)).toBeCloseTo(0.1, 12);
  expect(cycle(20)).toBeCloseTo(1, 12);
  expect(cycle(100)).toBeCloseTo(0.001, 12);
  expect(cycle(1000)).toBeCloseTo(0.001, 12);
});

test("polynomial and linear rates stay at their ends", () => {
  expect(polynomialRate({ rate: 1, steps: 4 })(2)).toBe(0.5);
  expect(polynomialRate({ rate: 1, steps: 4 })(400)).toBe(0);
  expect(linearRate({ from: 1, to: 3, steps: 4 })(400)).toBe(3);
});

test("a warm-up rises to the first rate and then starts the schedule", () => {
  const warm = withWarmup(cosineRate({ from: 2, steps: 10 }), { steps: 4 });
  expect([0, 1, 2, 3, 4].map(warm)).toEqual([0, 0.5, 1, 1.5, 2]);
  expect(warm(14)).toBeCloseTo(0, 12);
  expect(withWarmup(3, { steps: 0 })(0)).toBe(3);
});

test("a number is a constant rate", () => {
  expect(asRate(0.25)(7)).toBe(0.25);
  const own = (step: number) => 2 ** -step;
  expect(asRate(own)).toBe(own);
});

test.each([
  ["rate", () => constantRate(NaN)],
  ["rate", () => asRate(-1)],
  ["from", () => linearRate({ from: -1, to: 1, steps: 2 })],
  ["to", () => linearRate({ from: 1, to: NaN, steps: 2 })],
  ["steps", () => linearRate({ from: 1, to: 1, steps: 0 })],
  ["steps", () => withWarmup(1, { steps: -1 })],
  ["steps", () => withWarmup(1, { steps: NaN })],
  ["every", () => stepRate({ rate: 1, every: 0, factor: 0.5 })],
  ["factor", () => stepRate({ rate: 1, every: 1, factor: 0 })],
  ["milestones[1]", () => multiStepRate({ rate: 1, milestones: [1, NaN], factor: 0.5 })],
  ["factor", () => exponentialRate({ rate: 1, factor: NaN })],
  ["power", () => polynomialRate({ rate: 1, steps: 3, power: -2 })],
  ["steps", () => cosineRate({ from: 1, steps: 2.5 })],
  ["to", () => cosineRate({ from: 1, to: -1, steps: 2 })],
  ["growth", () => restartingRate({ from: 1, steps: 2, growth: 0 })],
  ["growth", () => restartingRate({ from: 1, steps: 2, growth: 1.5 })],
  ["steps", () => oneCycleRate({ peak: 1, steps: NaN })],
  ["divisor", () => oneCycleRate({ peak: 1, steps: 10, divisor: 0 })],
  ["rise", () => oneCycleRate({ peak: 1, steps: 10, rise: 1 })],
  ["rise", () => oneCycleRate({ peak: 1, steps: 10, rise: 0.05 })],
  ["rise", () => oneCycleRate({ peak: 1, steps: 10, rise: 0.6, phases: 3 })],
  ["rise", () => oneCycleRate({ peak: 1, steps: 10, rise: NaN })],
])("a bad %s is refused by name", (field, act) => {
  expect(act).toThrow(expect.objectContaining({ kind: "option", message: expect.stringContaining(field) }));
});
