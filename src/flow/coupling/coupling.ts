import type { NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { Key } from "../../engine/random/index.ts";

/** Row i pairs x0[source[i]] with x1[target[i]]; labels and conditions follow x1 by `target`. */
export interface Pairing {
  readonly source: Int32Array;
  readonly target: Int32Array;
}

export interface Batch {
  /** Source samples [batch, ...shape] and data samples of the same sizes. */
  readonly x0: NdArray;
  readonly x1: NdArray;
  /** [batch, ...]: row i belongs to x1[i]; couplings that read it let x0[i] stand for it too. */
  readonly condition?: NdArray | undefined;
  /** Only couplings that draw read it. */
  readonly key: Key;
}

/** Which x0 goes with which x1: exactly batch-many pairs, given as indices. */
export interface Coupling {
  readonly name: string;
  /** Throws "shape" for an empty batch or sizes that differ, "numerical" for NaN and infinity where values matter. */
  pair(batch: Batch): Pairing;
}

/** The number of rows of x0 and x1. Throws "shape" unless they are the same, and at least 1. */
export function batchSize(where: string, { x0, x1 }: Pick<Batch, "x0" | "x1">): number {
  const [count = 0] = x0.shape;
  if (count > 0 && count === x1.shape[0]) return count;
  throw new AdvectError("shape", where, {
    expected: "x0 and x1 of shape [batch, ...shape] with the same batch, at least 1",
    got: `[${x0.shape}] and [${x1.shape}]`,
    fix: "Draw one x0 for each x1.",
  });
}

/** The batch's condition. Throws "shape" when it has none, or not one row for every pair. */
export function conditionOf(where: string, batch: Batch): NdArray {
  const { condition } = batch;
  const count = batchSize(where, batch);
  if (condition && condition.shape[0] === count && condition.data.length > 0) return condition;
  throw new AdvectError("shape", where, {
    expected: `a condition of shape [${count}, ...]`,
    got: condition ? condition.shape : "none",
    fix: "Pass the conditions of x1, row by row.",
  });
}

/** 0, 1 … count - 1. */
export function inOrder(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}
