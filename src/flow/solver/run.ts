import type { System } from "./system.ts";

/** Why a group of samples takes no more steps. */
export type Stop = "finished" | "steps" | "nonFinite" | "stepSize";

export interface StepRecord {
  readonly group: number;
  readonly t: number;
  readonly dt: number;
  readonly accepted: boolean;
}

/** Where a solve is: owned by `solve`, changed by `advance`. */
export interface Run {
  readonly system: System;
  readonly x: Float64Array;
  readonly t: Float64Array;
  /** v(x, t) where it is known. */
  slope: Float64Array | undefined;
  readonly stops: (Stop | undefined)[];
  readonly steps: StepRecord[];
}

export function start(system: System, { x, time }: { x: Float64Array; time: number }): Run {
  const { groups } = system;
  const stops = new Array<Stop | undefined>(groups).fill(undefined);
  return { system, x, t: new Float64Array(groups).fill(time), slope: undefined, stops, steps: [] };
}

/** v(x, t) at the run's state, evaluated unless known. */
export async function slopeOf(run: Run): Promise<Float64Array> {
  run.slope ??= await run.system.evaluate(run.x, run.t);
  return run.slope;
}
