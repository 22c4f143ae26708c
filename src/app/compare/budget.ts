import { AdvectError } from "../../engine/error.ts";
import { choose } from "./choose.ts";

/** How much is trained and measured: the same for every method. */
export interface CompareBudget {
  /** Optimiser steps of each training, and pairs in each of their batches. */
  readonly steps: number;
  readonly batch: number;
  /** Of the network: hidden layers, and their width. */
  readonly depth: number;
  readonly hidden: number;
  /** The highest; it rises within 100 steps and falls to 0 as a cosine. */
  readonly learningRate: number;
  /** Calls of the network for a sample: one row of the table each, ascending. */
  readonly nfe: readonly number[];
  /** Samples in each set, and how many sets. */
  readonly count: number;
  readonly repeats: number;
  /** Calls of the network along the trajectories that straightness is measured on. */
  readonly fine: number;
  /** Pairs that the second round of rectified flow learns from. */
  readonly pairs: number;
}

export type CompareBudgetName = "small" | "full";

/** "full" takes about 3 minutes on one core; "small" seconds, and shows that everything runs but not what is better. */
export const compareBudgets: Readonly<Record<CompareBudgetName, CompareBudget>> = {
  full: {
    steps: 12_000,
    batch: 256,
    depth: 4,
    hidden: 128,
    learningRate: 2e-3,
    nfe: [1, 2, 5, 10, 20, 50, 100],
    count: 1024,
    repeats: 5,
    fine: 100,
    pairs: 50_000,
  },
  small: {
    steps: 300,
    batch: 128,
    depth: 3,
    hidden: 64,
    learningRate: 4e-3,
    nfe: [1, 2, 5, 10, 20, 50, 100],
    count: 128,
    repeats: 3,
    fine: 20,
    pairs: 2000,
  },
};

/** The budget of a name. Throws "option", with a suggestion. */
export function budgetOf(name: string): CompareBudget {
  return compareBudgets[choose("budget", name, ["small", "full"])];
}

/** Throws "option" naming what cannot be. */
export function checkBudget({ nfe, learningRate, ...counts }: CompareBudget): void {
  const refuse = (expected: string, got: unknown) => {
    throw new AdvectError("option", "compare", { expected, got });
  };
  for (const [name, value] of Object.entries(counts)) {
    const least = name === "repeats" || name === "count" ? 2 : 1;
    if (!(Number.isSafeInteger(value) && value >= least))
      refuse(`${name} to be a whole number >= ${least}`, value);
  }
  if (!(Number.isFinite(learningRate) && learningRate > 0)) refuse("a finite learningRate > 0", learningRate);
  const rising = nfe.every((n, i) => Number.isSafeInteger(n) && n > (nfe[i - 1] ?? 0) && n <= 1000);
  if (nfe.length === 0 || !rising) refuse("nfe: ascending whole numbers from 1 to 1000", [...nfe]);
}
