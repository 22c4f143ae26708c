import { AdvectError } from "../engine/error.ts";

/** One flat vector of parameters, gradients or moments. */
export type Vector = Float32Array | Float64Array;

/** The elements start, start + 1, … end - 1 of a vector. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What an optimiser remembers between steps. Its owner keeps it, `step` updates it in place. */
export interface OptimizerState {
  /** Steps taken so far. */
  count: number;
  /** One vector as long as the parameters for each of the optimiser's `moments`. */
  readonly moments: Readonly<Record<string, Vector>>;
}

export interface Update {
  readonly params: Vector;
  readonly gradient: Vector;
  readonly state: OptimizerState;
  readonly learningRate: number;
  /** Where weight decay applies, ascending and disjoint; everywhere if left out. */
  readonly decayed?: readonly Range[];
}

/**
 * A rule that moves parameters along gradients. `init` gives zero moments of the type of `params`; `step` writes
 * into `params` and `state`, which belong to the caller, and reads `gradient`. Arithmetic is float64; what is stored
 * in a Float32Array is rounded once.
 */
export interface Optimizer {
  readonly name: string;
  readonly reference: string;
  readonly moments: readonly string[];
  init(params: Vector): OptimizerState;
  step(update: Update): void;
}

/** Zero moments as long as `params`, in the same precision. */
export function zeroState(moments: readonly string[], params: Vector): OptimizerState {
  const zero = () =>
    params instanceof Float32Array ? new Float32Array(params.length) : new Float64Array(params.length);
  return { count: 0, moments: Object.fromEntries(moments.map((name) => [name, zero()])) };
}

/**
 * Cuts [0, length) into stretches with the same weight decay: `weightDecay` inside `decayed`, 0 outside.
 * Throws "option" unless the ranges ascend, are disjoint and lie inside.
 */
export function stretches(
  length: number,
  weightDecay: number,
  decayed: readonly Range[] = [{ start: 0, end: length }],
): (Range & { weightDecay: number })[] {
  const cuts = [...new Set([0, ...decayed.flatMap(({ start, end }) => [start, end]), length])];
  if (cuts.some((cut, i) => i > 0 && !(cut > cuts[i - 1]!))) {
    throw new AdvectError("option", "step", {
      expected: `decayed to hold ascending, disjoint ranges inside 0 … ${length}`,
      got: decayed.map(({ start, end }) => [start, end]),
    });
  }
  return cuts.slice(1).map((end, i) => {
    const start = cuts[i]!;
    const inside = decayed.some((range) => range.start <= start && end <= range.end);
    return { start, end, weightDecay: inside ? weightDecay : 0 };
  });
}
