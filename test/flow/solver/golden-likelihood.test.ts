import { describe, expect, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import {
  constant,
  divergence,
  filled,
  hutchinson,
  interpret,
  reshape,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import * as solver from "../../../src/flow/solver/index.ts";
import { double, expectClose, type GoldenArray, type GoldenCase, goldenFile } from "../../nn/golden-file.ts";
import { type GoldenField, goldenField, onNumbers } from "./fields.ts";

const methods = {
  euler: solver.euler,
  midpoint: solver.midpoint,
  rk4: solver.rk4ThreeEighths,
  dopri5: solver.dopri5,
};

const overshoot = (inputs: GoldenCase["inputs"]) =>
  solver.adaptive({
    relative: inputs.rtol as number,
    absolute: inputs.atol as number,
    norm: solver.twoParts,
    ends: "overshoot",
  });

/** The case's field with its divergence, and how to solve it. */
function problem(inputs: GoldenCase["inputs"], z: GoldenArray | undefined) {
  const field = goldenField(inputs.field as GoldenField);
  const event = [(inputs.x_1 ?? inputs.x) as GoldenArray].map(({ shape }) => shape[1]!);
  const probes = z && reshape(constant(double(z)), [1, ...z.shape]);
  const method = methods[inputs.method as keyof typeof methods];
  const stepSize = inputs.step_size as number | null;
  return {
    field: onNumbers(solver.withDivergence(field, { event, ...(probes ? { probes } : {}) })),
    options: {
      times: (inputs.time_grid as GoldenArray).data,
      solver: method,
      control:
        method === solver.dopri5
          ? overshoot(inputs)
          : solver.fixed({ between: "linear", ...(stepSize ? { stepSize } : {}) }),
    },
  };
}

describe("golden likelihood", () => {
  const file = goldenFile("likelihood");

  test("has 24 cases", () => expect(file.cases).toHaveLength(24));

  test.each(file.cases)("$name", async ({ inputs, expected }) => {
    const x1 = double(inputs.x_1 as GoldenArray);
    const { field, options } = problem(inputs, inputs.hutchinson_z as GoldenArray | undefined);
    const { x, logLikelihood, report } = await solver.logLikelihood(field, x1, options);
    expectClose(logLikelihood, expected.log_likelihood as GoldenArray, file.tolerance);
    const trajectory = expected.trajectory as GoldenArray;
    expectClose(x, { shape: x1.shape, data: trajectory.data.slice(-x1.data.length) }, file.tolerance);
    const states = report.trajectory.data.filter((_, i) => (i + 1) % 3 !== 0) as Float64Array;
    expectClose(ndarray(states, trajectory.shape, "float64"), trajectory, file.tolerance);
    expect(report.nfe).toBe(expected.nfe);
  });
});

describe("golden cnf", () => {
  const file = goldenFile("cnf");
  const flows = file.cases.filter(({ inputs }) => inputs.op === "cnf");
  const pointwise = file.cases.filter(({ inputs }) => inputs.op === "divergence");

  test("has 1 case of divergences and others of solves", () => {
    expect(pointwise).toHaveLength(1);
    expect(flows.length).toBe(file.cases.length - 1);
    expect(flows.length).toBeGreaterThan(8);
  });

  test.each(flows)("$name", async ({ inputs, expected }) => {
    const x = double(inputs.x as GoldenArray);
    const { field, options } = problem(inputs, inputs.eps as GoldenArray | undefined);
    const logSource = () => ndarray(new Float64Array(x.shape[0]!), [x.shape[0]!], "float64");
    const result = await solver.sampleWithLikelihood(field, x, { ...options, logSource });
    expectClose(result.x, expected.x_end as GoldenArray, file.tolerance);
    expectClose(result.logLikelihood, expected.delta_log_p as GoldenArray, file.tolerance);
  });

  test.each(pointwise)("$name", ({ inputs, expected }) => {
    const v = goldenField(inputs.field as GoldenField);
    const x = double(inputs.x as GoldenArray);
    const probes = (name: string) => reshape(constant(double(inputs[name] as GoldenArray)), [1, ...x.shape]);
    const at = (of: (v: Tensor, x: Tensor) => Tensor) =>
      (inputs.t as GoldenArray).data.flatMap((t) => [
        ...interpret((y: Tensor) => of(v(y, filled([x.shape[0]!], t, "float64")), y), x).data,
      ]);
    const compare = (name: string, got: number[]) => {
      const want = expected[name] as GoldenArray;
      expectClose(ndarray(Float64Array.from(got), want.shape, "float64"), want, file.tolerance);
    };
    compare(
      "velocity",
      at((y) => y),
    );
    compare("exact", at(divergence));
    compare(
      "hutchinson_gaussian",
      at((y, z) => hutchinson(y, z, probes("gaussian_eps"))),
    );
    compare(
      "hutchinson_rademacher",
      at((y, z) => hutchinson(y, z, probes("rademacher_eps"))),
    );
  });
});
