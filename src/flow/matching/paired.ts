import { type NdArray, takeRows } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { leaves, type Mapped, mapTree } from "../../engine/tensor/index.ts";
import type { Batch, Coupling, Pairing, WorkerCoupling } from "../coupling/index.ts";

/** A batch, and what else follows x1. */
export type Unpaired<T> = Batch & { readonly along?: T };

export interface PairedRows<T> {
  readonly x0: NdArray;
  readonly x1: NdArray;
  /** The condition and everything in `along`, in the order of x1. */
  readonly condition?: NdArray;
  readonly along: Mapped<T, NdArray>;
}

/**
 * A batch in the pairs of a coupling: row i of every result belongs to pair i. This happens on arrays, before the
 * compiled step. `along`: a tree of arrays [batch, ...] that follow x1, such as labels and weights. A `workerCoupling`
 * gives a promise. Throws what the coupling throws, and "shape" where something does not have a row for each x1.
 */
export function paired<T = undefined>(coupling: Coupling, batch: Unpaired<T>): PairedRows<T>;
export function paired<T = undefined>(coupling: WorkerCoupling, batch: Unpaired<T>): Promise<PairedRows<T>>;
export function paired<T = undefined>(
  coupling: Coupling | WorkerCoupling,
  { along, ...batch }: Unpaired<T>,
): PairedRows<T> | Promise<PairedRows<T>> {
  checkRows(batch, along);
  const pairing = coupling.pair(batch);
  return pairing instanceof Promise
    ? pairing.then((found) => taken({ along, ...batch } as Unpaired<T>, found))
    : taken({ along, ...batch } as Unpaired<T>, pairing);
}

function checkRows({ x1, condition }: Batch, along: unknown): void {
  const followers = [...leaves<NdArray>(along), ...(condition ? [condition] : [])];
  const wrong = followers.find(({ shape }) => shape[0] !== x1.shape[0]);
  if (!wrong) return;
  const expected = `arrays of shape [${x1.shape[0]}, ...], a row for each x1`;
  throw new AdvectError("shape", "paired", { expected, got: wrong.shape });
}

function taken<T>({ x0, x1, condition, along }: Unpaired<T>, { source, target }: Pairing): PairedRows<T> {
  return {
    x0: takeRows(x0, source),
    x1: takeRows(x1, target),
    ...(condition && { condition: takeRows(condition, target) }),
    along: mapTree(along as T, (array: NdArray) => takeRows(array, target)),
  };
}
