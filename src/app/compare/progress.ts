import type { Clock } from "../../engine/clock.ts";
import type { CompareBudget } from "./budget.ts";
import { type MethodName, methods } from "./methods.ts";
import { type TrainingName, trainings } from "./trainings.ts";

/** Where a comparison stands. */
export interface CompareProgress {
  /** "ot-flow: training" */
  readonly doing: string;
  /** Of all the work, in [0, 1]. */
  readonly done: number;
  /** Estimated from what was done so far. */
  readonly secondsLeft: number;
}

/** The trainings that the methods need, teachers before who learns from them. */
export function trainingsOf(names: readonly MethodName[]): TrainingName[] {
  const needed = names.flatMap((name) => {
    const { training } = methods[name];
    const { teacher } = trainings[training];
    return teacher ? [teacher, training] : [training];
  });
  return [...new Set(needed)];
}

/** How long a step takes, in units of a plain one: pairing costs more than the network. */
const stepCosts: Readonly<Record<TrainingName, number>> = {
  flow: 1,
  "ot-flow": 4,
  rectified: 1.5,
  "mean-flow": 1.2,
  vp: 1,
  diffusion: 1,
};

/** A call of the network for a set of 1024, and a measurement of W2 and energy distance on it, in the same units. */
const [callCost, distanceCost] = [1.5, 120];

export interface Work {
  step(training: TrainingName): void;
  measured(method: MethodName, nfe: number): void;
}

/** Of all rows of all methods, and of one step in each of the trainings that they need. */
export function costOf(
  names: readonly MethodName[],
  budget: CompareBudget,
): { readonly step: number; readonly measuring: number } {
  return {
    step: trainingsOf(names).reduce((sum, name) => sum + stepCosts[name], 0),
    measuring: names.length * budget.nfe.reduce((sum, nfe) => sum + rowCost(nfe, budget), 0),
  };
}

function rowCost(nfe: number, { repeats, count }: CompareBudget): number {
  const size = count / 1024;
  return (repeats + 1) * nfe * size * callCost + repeats * size * size * distanceCost;
}

interface WorkRequest {
  readonly budget: CompareBudget;
  readonly clock: Clock;
  readonly tell: (progress: CompareProgress) => void;
}

/** Counts work, and tells how much is left. */
export function work(names: readonly MethodName[], { budget, clock, tell }: WorkRequest): Work {
  const { step, measuring } = costOf(names, budget);
  const all = budget.steps * step + measuring;
  const began = clock.nowMs();
  let spent = 0;
  const add = (cost: number, doing: string) => {
    spent += cost;
    const done = Math.min(spent / all, 1);
    tell({ doing, done, secondsLeft: ((clock.nowMs() - began) / 1000) * (1 / done - 1) });
  };
  return {
    step: (name) => add(stepCosts[name], `${name}: training`),
    measured: (name, nfe) => add(rowCost(nfe, budget), `${name}: sampling`),
  };
}
