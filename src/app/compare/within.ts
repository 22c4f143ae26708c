import type { Clock } from "../../engine/clock.ts";
import { AdvectError } from "../../engine/error.ts";
import type { CompareBudget } from "./budget.ts";
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
 * The budget with as many steps as let everything take about so many seconds here, by the time that a few steps take.
 * What is measured does not become less: throws "option" where that takes more than half of the time.
 */
export async function within(problem: Problem, { names, seconds, clock }: Within): Promise<CompareBudget> {
  const { budget } = problem;
  const trial = (steps: number) =>
    learn({ ...problem, budget: { ...budget, steps } }, "flow", { clock, stepped: () => {} });
  await trial(20);
  const timed = await trial(300);
  const unit = timed.seconds / timed.steps;
  const { step, measuring } = costOf(names, budget);
  const steps = Math.floor(((0.95 * seconds) / unit - measuring) / step);
  if (steps >= 1 && measuring * unit <= seconds / 2) return { ...budget, steps };
  throw new AdvectError("option", "compare", {
    expected: `at least ${Math.ceil(2 * measuring * unit)} s, half of them for measuring`,
    got: `${seconds} s`,
    fix: 'Give it more time, compare fewer methods, or take the budget "small".',
  });
}
