import { expect, test } from "vitest";
import { constantDecay, type Decay, powerDecay, updateAverage, warmupDecay } from "../../src/train/index.ts";
import { expectClose, golden, type Numbers, row } from "./golden.ts";

interface Inputs {
  readonly op: string;
  readonly decay?: number;
  readonly min_value?: number;
  readonly inv_gamma?: number;
  readonly power?: number;
  readonly max_value?: number;
  readonly update_after_step?: number;
  readonly initial: Numbers;
  readonly params: Numbers;
}

function fromInputs(inputs: Inputs): Decay {
  if (inputs.op === "ema_num_updates_warmup") return warmupDecay(inputs.decay!);
  return powerDecay({
    inverseGamma: inputs.inv_gamma!,
    power: inputs.power!,
    min: inputs.min_value!,
    max: inputs.max_value!,
    delaySteps: inputs.update_after_step!,
  });
}

const cases = golden<Inputs, { shadow_after_each_update: Numbers; decay?: number[] }>(
  "ema",
  "ema_num_updates_warmup",
  "ema_power",
);

test("all three golden cases are there", () => expect(cases.map(({ name }) => name)).toHaveLength(3));

test.each(cases)("$name follows the golden average", ({ inputs, expected }) => {
  const decay = fromInputs(inputs);
  const average = Float64Array.from(inputs.initial.data);
  for (let i = 0; i < inputs.params.shape[0]!; i++) {
    updateAverage(average, { params: Float64Array.from(row(inputs.params, i)), decay: decay(i) });
    expectClose(average, row(expected.shadow_after_each_update, i), `update ${i}`);
  }
  if (expected.decay)
    expectClose(
      expected.decay.map((_, i) => decay(i)),
      expected.decay,
      "decay",
    );
});

test("a constant decay averages a constant back to itself and halves a jump as it says", () => {
  const average = new Float64Array([0]);
  const decay = constantDecay(0.5);
  for (let i = 0; i < 3; i++) updateAverage(average, { params: new Float64Array([8]), decay: decay(i) });
  expect(average[0]).toBe(7);
});

test("the warm-up grows until the limit", () => {
  const decay = warmupDecay(0.999);
  expect(decay(0)).toBe(2 / 11);
  expect(decay(8000)).toBeLessThan(0.999);
  expect(decay(9000)).toBe(0.999);
});

test("the power rule copies first, then stays within its bounds", () => {
  const decay = powerDecay({ delaySteps: 5, min: 0.5, max: 0.9 });
  expect([0, 5, 6].map(decay)).toEqual([0, 0, 0]);
  expect(decay(7)).toBe(0.5);
  expect(decay(1e6)).toBe(0.9);
  expect(powerDecay()(10_000)).toBeCloseTo(0.999, 7);
});

test.each([
  ["decay", () => constantDecay(1.1)],
  ["decay", () => warmupDecay(Number.NaN)],
  ["inverseGamma", () => powerDecay({ inverseGamma: 0 })],
  ["power", () => powerDecay({ power: -1 })],
  ["min", () => powerDecay({ min: -0.1 })],
  ["max", () => powerDecay({ max: 2 })],
  ["delaySteps", () => powerDecay({ delaySteps: 1.5 })],
])("a bad %s is refused by name", (field, act) => {
  expect(act).toThrow(expect.objectContaining({ kind: "option", message: expect.stringContaining(field) }));
});

test("an average of another length is refused", () => {
  const update = () => updateAverage(new Float64Array(2), { params: new Float64Array(3), decay: 0 });
  expect(update).toThrow(expect.objectContaining({ kind: "shape" }));
});
