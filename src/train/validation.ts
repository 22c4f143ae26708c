import type { Key } from "../engine/random/index.ts";
import type { GivenList } from "../engine/runtime/index.ts";
import type { Batches } from "./batches.ts";
import { check, count } from "./check.ts";
import type { Evaluation, Trainer } from "./trainer.ts";

export interface ValidationOptions<Args extends readonly unknown[]> {
  /** Data that training does not see. */
  readonly batches: Batches<GivenList<Args>>;
  /** How many batches, 0 to count - 1, each validation takes the mean over; default 1. */
  readonly count?: number;
  /** Steps from one validation to the next. */
  readonly every: number;
  /** Training ends after this many validations in a row that are no better than the best. Default: never. */
  readonly patience?: number;
}

/** Throws "option". */
export function checkValidation<Args extends readonly unknown[]>(options: ValidationOptions<Args>): void {
  const { count: batchCount = 1, every, patience = 1 } = options;
  check("fit", count, {
    "validate.count": batchCount,
    "validate.every": every,
    "validate.patience": patience,
  });
}

/**
 * The mean loss and metrics over the validation batches, drawn with key.fold("validation"): every validation of a run
 * sees the same batches and the same noise, so that only the model makes a difference.
 */
export async function validation<P, Args extends readonly unknown[]>(
  trainer: Pick<Trainer<P, Args>, "evaluate">,
  { batches, count: batchCount = 1 }: ValidationOptions<Args>,
  key: Key,
): Promise<Evaluation> {
  const fixed = key.fold("validation");
  const sums: Record<string, number> = {};
  let loss = 0;
  for (let i = 0; i < batchCount; i++) {
    const found = await trainer.evaluate(...(await batches.at(i, fixed)));
    loss += found.loss / batchCount;
    for (const [name, value] of Object.entries(found.metrics)) {
      sums[name] = (sums[name] ?? 0) + value / batchCount;
    }
  }
  return { loss, metrics: sums };
}
