import { describe, expect, test } from "vitest";
import * as solver from "../../../src/flow/solver/index.ts";
import { double, expectClose, type GoldenArray, goldenFile } from "../../nn/golden-file.ts";
import { type GoldenField, goldenField, onNumbers } from "./fields.ts";

const { euler, midpoint, heun2, heun3, rk4ThreeEighths } = solver;
const { adaptiveHeun, fehlberg2, bosh3, dopri5, tsit5, dopri8 } = solver;
const named = { euler, midpoint, heun2, heun3, fehlberg2, bosh3, dopri5, tsit5, dopri8 };

/** Our methods by the files' names. */
const methods = { ...named, rk4: rk4ThreeEighths, adaptive_heun: adaptiveHeun };
const method = (name: string) => methods[name as keyof typeof methods];

interface Steps {
  readonly t0: readonly number[];
  readonly dt: readonly number[];
}

/** Every step within 10^-digits of the file's, as many as there. */
function expectSteps(got: readonly solver.StepRecord[], want: Steps, digits: number): void {
  expect(got.map(({ t }) => t)).toEqual(want.t0.map((t) => expect.closeTo(t, digits)));
  expect(got.map(({ dt }) => dt)).toEqual(want.dt.map((dt) => expect.closeTo(dt, digits)));
}

/**
 * The library that made the file goes on with the embedded method of tsit5, of order 4, and not with the pair's own
 * [tsitouras2011], but begins each step with the last stage of the pair. With its weights we make its numbers.
 */
const asPublishedThere = (name: string) => {
  if (name !== "tsit5") return method(name);
  const { b, error, ...rest } = tsit5.tableau;
  return solver.rungeKutta({ ...rest, b: b.map((weight, i) => weight - error![i]!), error: error! });
};

const fixedFile = goldenFile("ode_fixed");
const adaptiveFile = goldenFile("ode_adaptive");

describe("golden ode_fixed", () => {
  test("has 55 cases", () => expect(fixedFile.cases).toHaveLength(55));

  test.each(fixedFile.cases)("$name", async ({ inputs, expected }) => {
    const stepSize = inputs.step_size as number | null;
    const report = await solver.solve(
      onNumbers(goldenField(inputs.field as GoldenField)),
      double(inputs.x_init as GoldenArray),
      {
        times: (inputs.time_grid as GoldenArray).data,
        solver: method(inputs.method as string),
        control: solver.fixed({ between: "linear", ...(stepSize ? { stepSize } : {}) }),
      },
    );
    expectClose(report.trajectory, expected.trajectory as GoldenArray, fixedFile.tolerance);
    expect(report.nfe).toBe(expected.nfe);
  });
});

describe("golden ode_adaptive", () => {
  test("has 35 cases", () => expect(adaptiveFile.cases).toHaveLength(35));

  test.each(adaptiveFile.cases)("$name", async ({ name, inputs, expected }) => {
    const report = await solver.solve(
      onNumbers(goldenField(inputs.field as GoldenField)),
      double(inputs.x_init as GoldenArray),
      {
        times: (inputs.time_grid as GoldenArray).data,
        solver: asPublishedThere(inputs.method as string),
        control: solver.adaptive({
          relative: inputs.rtol as number,
          absolute: inputs.atol as number,
          ends: "overshoot",
        }),
      },
    );
    // dopri8's error estimates are near rounding, and the steps follow from them; in one case the state then does, too
    const digits = inputs.method === "dopri8" ? 3 : 6;
    const tolerance = name === "linear_dopri8_atol1e-05_rtol1e-05_n2" ? { rtol: 5e-7, atol: 1e-9 } : {};
    const kept = (wanted: boolean) => report.steps.filter(({ accepted }) => accepted === wanted);
    expect(report.nfe).toBe(expected.nfe);
    expectSteps(kept(true), expected.accepted_steps as Steps, digits);
    expectSteps(kept(false), expected.rejected_steps as Steps, digits);
    expectClose(report.trajectory, expected.trajectory as GoldenArray, {
      ...adaptiveFile.tolerance,
      ...tolerance,
    });
  });
});
