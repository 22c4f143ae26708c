import { type AdaptiveControl, type FixedControl, fixedGrid, stepFactor } from "./control.ts";
import { firstStep } from "./first-step.ts";
import { type Run, slopeOf } from "./run.ts";
import { combine, type Stages } from "./system.ts";
import { lastIsFirst, stagesOf, type Tableau } from "./tableau.ts";

export interface Proposal {
  readonly dt: number;
  /** t + dt, exactly the end for a step that is clipped to it. */
  readonly arrival: number;
}

export interface Trial {
  readonly dt: Float64Array;
  readonly slope: Float64Array;
  readonly stages: Stages;
}

/** Decides how long steps are and which are taken. */
export interface Driver {
  readonly tableau: Tableau;
  /** Stages to evaluate. */
  readonly count: number;
  /** Whether the last stage serves as v at the new state. */
  readonly reuse: boolean;
  readonly linear: boolean;
  /** Weights of the half-way state, where it is better than the cubic between the ends. */
  readonly middle: readonly number[] | undefined;
  propose(group: number, t: number): Proposal;
  /** Which groups (with dt != 0) take the step; stops those that cannot go on. */
  judge(run: Run, trial: Trial): boolean[];
  done(arrival: number): boolean;
  /** Called after every round; stops what ran out of steps. */
  finish(run: Run): void;
}

interface Problem<C> {
  readonly times: readonly number[];
  readonly tableau: Tableau;
  readonly control: C;
}

export function fixedDriver({ times, tableau, control }: Problem<FixedControl>): Driver {
  const grid = fixedGrid(times, control.stepSize);
  let step = 0;
  return {
    tableau,
    count: stagesOf(tableau),
    reuse: false,
    linear: control.between === "linear",
    middle: undefined,
    propose: () => ({ dt: grid[step + 1]! - grid[step]!, arrival: grid[step + 1]! }),
    judge: (run, { stages }) => {
      step++;
      if (stages.next.every(Number.isFinite)) return [true];
      run.stops[0] = "nonFinite";
      return [false];
    },
    done: () => step === grid.length - 1,
    finish: () => {},
  };
}

/** Evaluates the field for the first step size, unless it is given. */
export async function adaptiveDriver(
  run: Run,
  { times, tableau, control }: Problem<AdaptiveControl>,
): Promise<Driver> {
  const [begin, end] = [times[0]!, times.at(-1)!];
  const direction = Math.sign(end - begin);
  const { order } = tableau;
  const start = { x: run.x, slope: await slopeOf(run), t: run.t, direction, order };
  const h =
    control.firstStep === undefined
      ? await firstStep(run.system, control, start)
      : new Float64Array(run.system.groups).fill(control.firstStep);
  const overshoot = control.ends === "overshoot";
  const smallest = 1e-15 * Math.max(Math.abs(begin), Math.abs(end));
  let rounds = 0;
  return {
    tableau,
    count: tableau.c.length,
    reuse: overshoot || lastIsFirst(tableau),
    linear: false,
    // torchdiffeq uses half-way states of first order with the methods of low order
    middle: overshoot || order >= 5 ? tableau.middle : undefined,
    propose(g, t) {
      const rest = Math.abs(end - t);
      if (!overshoot && h[g]! >= rest) return { dt: end - t, arrival: end };
      return { dt: direction * h[g]!, arrival: t + direction * h[g]! };
    },
    judge: (run, trial) =>
      Array.from(errorRatios(run, tableau, control, trial), (ratio, g) => {
        if (trial.dt[g] === 0) return false;
        h[g] = Math.abs(trial.dt[g]!) * stepFactor(ratio, order, control);
        const lost = !(h[g]! > smallest) || !finite(trial.slope, g, run.system.width);
        if (lost && !(ratio <= 1)) run.stops[g] = Number.isNaN(ratio) ? "nonFinite" : "stepSize";
        return ratio <= 1;
      }),
    done: (arrival) => (arrival - end) * direction >= 0,
    finish(run) {
      rounds++;
      if (rounds >= control.maxSteps) run.stops.forEach((stop, g) => (run.stops[g] = stop ?? "steps"));
    },
  };
}

/** For each group, |error / (absolute + relative max(|x|, |next|))|; NaN unless all of it is finite. */
function errorRatios(
  { system, x }: Run,
  tableau: Tableau,
  { absolute, relative, norm }: AdaptiveControl,
  { dt, stages: { next, slopes } }: Trial,
): Float64Array {
  const zeros = new Float64Array(x.length);
  const scaled = combine(zeros, slopes, { weights: tableau.error!, dt, width: system.width });
  for (let e = 0; e < scaled.length; e++) {
    scaled[e]! /= absolute + relative * Math.max(Math.abs(x[e]!), Math.abs(next[e]!));
  }
  return norm
    .measure(scaled, system.batch)
    .map((ratio, g) => (finite(next, g, system.width) && Number.isFinite(ratio) ? ratio : Number.NaN));
}

const finite = (values: Float64Array, group: number, width: number): boolean =>
  values.subarray(group * width, (group + 1) * width).every(Number.isFinite);
