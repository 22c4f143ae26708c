import type { NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { CompiledField } from "../field/index.ts";
import { advance } from "./advance.ts";
import { checkState, checkTimes } from "./check.ts";
import { type AdaptiveControl, adaptive, type FixedControl, fixed } from "./control.ts";
import { adaptiveDriver, type Driver, fixedDriver } from "./driver.ts";
import { dopri5 } from "./embedded.ts";
import { type Outputs, outputs } from "./outputs.ts";
import { type Run, type StepRecord, type Stop, start } from "./run.ts";
import type { RungeKutta } from "./stepper.ts";
import { system, typed } from "./system.ts";

export interface SolveOptions {
  /** The first is where x0 is, the last where to stop; ascending or descending. The trajectory has x at all of them. */
  readonly times: readonly number[];
  /** Default: `dopri5`. */
  readonly solver?: RungeKutta;
  /** Default: `adaptive()` for a method with an error estimate, else `fixed()`. */
  readonly control?: AdaptiveControl | FixedControl;
  /** Keep every step, for `report.at(time)`. */
  readonly dense?: boolean;
}

export interface SolveReport {
  /** x at the last time; where a group stopped early, its last state. Shape and dtype of x0. */
  readonly x: NdArray;
  /** x at each of the times that all samples reached: [reached, batch, ...event]. */
  readonly trajectory: NdArray;
  /** Calls of the field with the whole batch. */
  readonly nfe: number;
  /** Steps, counted over all groups of samples: 1 group, or one for each sample with `perSample`. */
  readonly accepted: number;
  readonly rejected: number;
  readonly steps: readonly StepRecord[];
  /** "finished", or why not: out of "steps", a "nonFinite" field, a "stepSize" too small for float64. */
  readonly reason: Stop;
  /** For each group, the reason and the time of its state. */
  readonly groups: readonly { readonly reason: Stop; readonly time: number }[];
  /** x at any time that all samples passed, of a solve with `dense`. Throws "option" elsewhere. */
  at(time: number): NdArray;
}

/**
 * Solves dx/dt = v(x, t) on the host, with fixed or adaptive steps; arithmetic is float64, the field sees the dtype of
 * x0 [batch, ...event] and t [batch]. What goes wrong on the way is in the report, with the partial result.
 * Throws "option" for times or a control that cannot be, "shape" and "numerical" for such an x0.
 */
export async function solve(
  field: CompiledField,
  x0: NdArray,
  {
    times,
    solver = dopri5,
    control = solver.tableau.error ? adaptive() : fixed(),
    dense = false,
  }: SolveOptions,
): Promise<SolveReport> {
  checkTimes("solve", times);
  checkState("solve", x0);
  checkControl(solver, control);
  const groups = control.kind === "adaptive" ? control.norm.groups(x0.shape[0]!) : 1;
  const run = start(system(field, x0, groups), { x: Float64Array.from(x0.data), time: times[0]! });
  const driver: Driver =
    control.kind === "adaptive"
      ? await adaptiveDriver(run, { times, tableau: solver.tableau, control })
      : fixedDriver({ times, tableau: solver.tableau, control });
  const out = outputs(run, times, dense);
  while (run.stops.includes(undefined)) await advance(run, driver, out);
  return report(run, out, times);
}

function checkControl({ name, tableau }: RungeKutta, control: AdaptiveControl | FixedControl): void {
  if (control.kind === "fixed" || tableau.error) return;
  throw new AdvectError("option", "solve", {
    expected: "a method with an error estimate for adaptive steps",
    got: name,
    fix: "Use dopri5, or control: fixed().",
  });
}

function report(run: Run, out: Outputs, times: readonly number[]): SolveReport {
  const { shape, dtype } = run.system;
  const reached = out.reached();
  const all = reached === times.length;
  const groups = run.stops.map((reason, g) => ({ reason: reason!, time: all ? times.at(-1)! : run.t[g]! }));
  const states = new Float64Array(reached * run.x.length);
  out.states.slice(0, reached).forEach((state, i) => states.set(state, i * run.x.length));
  return {
    x: typed(all ? out.states.at(-1)! : run.x, shape, dtype),
    trajectory: typed(states, [reached, ...shape], dtype),
    nfe: run.system.nfe(),
    accepted: run.steps.filter(({ accepted }) => accepted).length,
    rejected: run.steps.filter(({ accepted }) => !accepted).length,
    steps: run.steps,
    reason: groups.find(({ reason }) => reason !== "finished")?.reason ?? "finished",
    groups,
    at: (time) => typed(out.at(time), shape, dtype),
  };
}
