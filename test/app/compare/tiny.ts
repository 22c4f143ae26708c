import type { CompareBudget } from "../../../src/app/compare/index.ts";

/** All that there is, in a second or two; nothing is learned well. */
export const tiny: CompareBudget = {
  steps: 60,
  batch: 32,
  depth: 2,
  hidden: 16,
  learningRate: 5e-3,
  nfe: [1, 2, 5],
  count: 48,
  repeats: 3,
  fine: 6,
  pairs: 128,
};

/** The rows without what depends on the machine. */
export const timeless = <R extends { readonly trainSeconds: number }>(rows: readonly R[]) =>
  rows.map(({ trainSeconds: _, ...row }) => row);
