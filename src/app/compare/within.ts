import type { Clock } from "../../engine/clock.ts";
import type { Budget } from "./budget.ts";
import { learn } from "./learn.ts";
import type { MethodName } from "./methods.ts";
import type { Problem } from "./problem.ts";
import { costOf } from "./progress.ts";

interface Within {
  readonly names: readonly MethodName[];
  readonly seconds: number;
  readonly clock: Clock;
}

/**
 * The budget with as many steps as let everything take about so many seconds here, by the time that a few steps take;
 * at least 1. What is measured does not become less.
 */
export async function within(problem: Problem, { names, seconds, clock }: Within): Promise<Budget> {
  const { budget } = problem;
  const trial = (steps: number) =>
    learn({ ...problem, budget: { ...budget, steps } }, "flow", { clock, stepped: () => {} });
  await trial(20);
  const timed = await trial(300);
  const { step, measuring } = costOf(names, budget);
  const affordable = (0.95 * seconds * timed.steps) / timed.seconds;
  return { ...budget, steps: Math.max(1, Math.floor((affordable - measuring) / step)) };
}
