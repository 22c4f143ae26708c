import { describe, expect, test } from "vitest";
import { array, ndarray } from "../../../src/engine/array/index.ts";
import { AdvectError } from "../../../src/engine/error.ts";
import { interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import * as solver from "../../../src/flow/solver/index.ts";
import { elementwise, onNumbers, vector } from "./fields.ts";

const { adaptive, fixed, perSample, solve, uniformGrid } = solver;
const { euler, midpoint, heun2, heun3, ralston, rk4, rk4ThreeEighths } = solver;
const { adaptiveHeun, fehlberg2, bosh3, dopri5, tsit5, dopri8 } = solver;
const all = [
  euler,
  midpoint,
  heun2,
  heun3,
  ralston,
  rk4,
  rk4ThreeEighths,
  adaptiveHeun,
  fehlberg2,
  bosh3,
  dopri5,
  tsit5,
  dopri8,
];
const embedded = all.filter(({ tableau }) => tableau.error);

/** x' = x^2 cos t, x = 1 / (1 / x0 - sin t): nonlinear, and the time matters. */
const field = elementwise((x, t) => x * x * Math.cos(t));
const exact = (x0: number, t: number) => 1 / (1 / x0 - Math.sin(t));
const x0 = vector(0.6, -0.8);
const truth = (t: number) => x0.data.map((x) => exact(x, t));
const worst = (got: ArrayLike<number>, want: ArrayLike<number>) =>
  Math.max(...Array.from(want, (value, i) => Math.abs(got[i]! - value)));

async function kindOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AdvectError);
  return (error as AdvectError).kind;
}

describe("fixed steps", () => {
  test.each(all)("$name converges at its order on x' = x^2 cos t", async (method) => {
    const steps = method.order > 5 ? 3 : method.order > 3 ? 32 : 64;
    const errorOf = async (count: number) => {
      const { x } = await solve(field, x0, { times: uniformGrid(count), solver: method, control: fixed() });
      return worst(x.data, truth(1));
    };
    const observed = Math.log2((await errorOf(steps)) / (await errorOf(2 * steps)));
    expect(observed).toBeGreaterThan(method.order - (method.order > 5 ? 0.6 : 0.3));
  });

  test.each(all)("$name unrolled in a graph equals the host's loop", async (method) => {
    const times = [0, 0.1, 0.4, 0.5];
    const v = (x: Tensor, t: Tensor) => x.mul(x).mul(t.reshape([2, 1]).cos());
    const unrolled = (x: Tensor) => solver.integrate(v, x, { times, solver: method });
    const { x, trajectory } = interpret((y: Tensor) => {
      const solution = unrolled(y);
      return { x: solution.x, trajectory: solution.trajectory };
    }, x0);
    const report = await solve(onNumbers(v), x0, { times, solver: method, control: fixed() });
    expect(worst(report.x.data, x.data)).toBeLessThan(1e-14);
    expect(worst(report.trajectory.data, trajectory.data)).toBeLessThan(1e-14);
    expect(report.nfe).toBe(3 * method.stages);
  });

  test("a time inside a step is interpolated with the slopes, and lies far nearer than on a line", async () => {
    const at = async (between: "smooth" | "linear") => {
      const control = fixed({ stepSize: 0.25, between });
      const report = await solve(field, x0, { times: [0, 0.35, 1], solver: rk4, control });
      return worst(report.trajectory.data.subarray(2, 4), truth(0.35));
    };
    expect(await at("smooth")).toBeLessThan(2e-4);
    expect(await at("linear")).toBeGreaterThan(2e-3);
  });
});

describe("adaptive steps", () => {
  test.each(embedded)("$name keeps near its tolerance, forward and back again", async (method) => {
    const control = adaptive({ relative: 1e-7, absolute: 1e-7 });
    const there = await solve(field, x0, { times: [0, 1], solver: method, control });
    expect(worst(there.x.data, truth(1))).toBeLessThan(2e-5);
    const back = await solve(field, there.x, { times: [1, 0], solver: method, control });
    expect(worst(back.x.data, x0.data)).toBeLessThan(2e-5);
    expect(back.reason).toBe("finished");
  });

  test.each(["clip", "overshoot"] as const)("%s: the field beyond the end", async (ends) => {
    let latest = 0;
    const watched: typeof field = (x, t) => {
      latest = Math.max(latest, ...t.data);
      return field(x, t);
    };
    await solve(watched, x0, { times: [0, 1], control: adaptive({ ends }) });
    expect(latest > 1).toBe(ends === "overshoot");
  });

  test.each(embedded)("$name gives states between its steps", async (method) => {
    const control = adaptive({ relative: 1e-8, absolute: 1e-8 });
    const report = await solve(field, x0, { times: [0, 0.3, 1], solver: method, control, dense: true });
    for (const t of [0, 0.11, 0.3, 0.77, 1]) expect(worst(report.at(t).data, truth(t))).toBeLessThan(3e-5);
    expect(worst(report.trajectory.data.subarray(2, 4), report.at(0.3).data)).toBeLessThan(1e-12);
    expect(() => report.at(1.5)).toThrow(AdvectError);
  });

  test("with one step size for each sample, a stiff one does not change the others", async () => {
    const stiff = elementwise((x) => (x > 5 ? -400 * (x - 6) : -x));
    const options = { times: [0, 0.5, 1], control: adaptive({ norm: perSample }) };
    const together = await solve(stiff, vector(1, 20, 0.5), options);
    const alone = await solve(stiff, vector(1), options);
    const ofFirst = together.steps.filter(({ group }) => group === 0);
    expect(ofFirst.map(({ dt }) => dt)).toEqual(alone.steps.map(({ dt }) => dt));
    expect(together.x.data[0]).toBe(alone.x.data[0]);
    expect(together.trajectory.data[3]).toBe(alone.trajectory.data[1]);
    expect(together.steps.length).toBeGreaterThan(10 * ofFirst.length);
    const coupled = await solve(stiff, vector(1, 20, 0.5), { times: [0, 1] });
    expect(coupled.accepted).toBeGreaterThan(3 * ofFirst.length);
  });

  test("with one step size for each sample, every one goes its own way, rejected steps included", async () => {
    const control = adaptive({ norm: perSample });
    const wild = elementwise((x, t) => x * x * Math.cos(20 * t * x));
    const starts = [0.6, -0.8, 3, 5];
    const together = await solve(wild, vector(...starts), { times: [0, 1], control });
    for (const [i, start] of starts.entries()) {
      const alone = await solve(wild, vector(start), { times: [0, 1], control });
      expect(together.x.data[i]).toBe(alone.x.data[0]);
      expect(together.steps.filter(({ group }) => group === i).length).toBe(alone.steps.length);
    }
    expect(together.rejected).toBeGreaterThan(3);
  });

  test.each([
    { method: adaptiveHeun, stages: 2 },
    { method: fehlberg2, stages: 3 },
  ])("$method.name evaluates the field anew at every state it reaches", async ({ method, stages }) => {
    const { nfe, accepted, rejected } = await solve(field, x0, { times: [0, 1], solver: method });
    expect(nfe).toBe(1 + accepted * stages + rejected * (stages - 1));
  });

  test("a float32 state gives the field float32", async () => {
    const seen = new Set<string>();
    const report = await solve(
      (x, t) => {
        seen.add(`${x.dtype} ${t.dtype} ${t.shape}`);
        return field(x, t);
      },
      array([[0.6], [-0.8]]),
      { times: [0, 1] },
    );
    expect([...seen]).toEqual(["float32 float32 2"]);
    expect(report.x.dtype).toBe("float32");
    expect(worst(report.x.data, truth(1))).toBeLessThan(1e-4);
  });
});

describe("what goes wrong is reported", () => {
  test("out of steps, with the partial result", async () => {
    const report = await solve(field, x0, { times: [0, 0.01, 1], control: adaptive({ maxSteps: 3 }) });
    expect(report.reason).toBe("steps");
    expect(report.accepted + report.rejected).toBe(3);
    const { time } = report.groups[0]!;
    expect(time).toBeGreaterThan(0);
    expect(time).toBeLessThan(1);
    expect(worst(report.x.data, truth(time))).toBeLessThan(1e-4);
    expect(report.trajectory.shape).toEqual([2, 2, 1]);
  });

  test.each([adaptive(), fixed({ stepSize: 0.05 })])("a field that becomes NaN, $kind", async (control) => {
    const broken = elementwise((x, t) => (t > 0.5 ? Number.NaN : x));
    const report = await solve(broken, vector(1), { times: [0, 1], control });
    expect(report.reason).toBe("nonFinite");
    const { time } = report.groups[0]!;
    expect(time).toBeGreaterThan(0.4);
    expect(time).toBeLessThanOrEqual(0.5);
    expect(report.x.data[0]).toBeCloseTo(Math.exp(time), 4);
  });

  test("a field that is NaN from the start, for one sample of three", async () => {
    const broken = elementwise((x) => (x > 2 ? Number.NaN : -x));
    const report = await solve(broken, vector(1, 3, 2), {
      times: [0, 1],
      control: adaptive({ norm: perSample }),
    });
    expect(report.groups.map(({ reason }) => reason)).toEqual(["finished", "nonFinite", "finished"]);
    expect(report.x.data[0]).toBeCloseTo(Math.exp(-1), 4);
    expect(report.nfe).toBeLessThan(60);
  });

  test("a solution that goes to infinity", async () => {
    const report = await solve(
      elementwise((x) => x * x),
      vector(2),
      { times: [0, 1] },
    );
    expect(["nonFinite", "stepSize"]).toContain(report.reason);
    expect(report.groups[0]!.time).toBeCloseTo(0.5, 3);
  });
});

describe("bad input", () => {
  test.each([[[0]], [[0, 0]], [[0, 1, 0.5]], [[0, Number.NaN]], [[]]])("times %j", async (times) => {
    expect(await kindOf(solve(field, x0, { times }))).toBe("option");
  });

  test("states, controls and fields", async () => {
    const times = [0, 1];
    expect(await kindOf(solve(field, vector(Number.NaN), { times }))).toBe("numerical");
    expect(await kindOf(solve(field, ndarray(new Float32Array(0), [0, 2]), { times }))).toBe("shape");
    expect(await kindOf(solve(field, x0, { times, solver: euler, control: adaptive() }))).toBe("option");
    expect(await kindOf(solve(async () => vector(1), x0, { times }))).toBe("shape");
  });

  test("tolerances, step sizes and counts", () => {
    expect(() => adaptive({ relative: 0 })).toThrow("relative");
    expect(() => adaptive({ absolute: -1 })).toThrow("absolute");
    expect(() => adaptive({ maxSteps: 0 })).toThrow("maxSteps");
    expect(() => adaptive({ firstStep: 0 })).toThrow("firstStep");
    expect(() => fixed({ stepSize: Number.NaN })).toThrow("stepSize");
  });
});
