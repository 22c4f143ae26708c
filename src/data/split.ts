import { AdvectError } from "../engine/error.ts";
import { type Key, permutation } from "../engine/random/index.ts";

/** Row numbers, ascending: `takeRows(array, split.train)` for every array of the data set. */
export interface Split {
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/**
 * Parts rows 0 … count - 1 at random: round(validation count) of them for validation, the rest for training.
 * Throws "option" unless both parts have rows.
 */
export function split(
  key: Key,
  { count, validation }: { readonly count: number; readonly validation: number },
): Split {
  const size = Math.round(validation * count);
  if (!Number.isSafeInteger(count) || !(size >= 1 && size < count)) {
    throw new AdvectError("option", "split", {
      expected: "a count of rows and a part of them for validation that leaves both with rows",
      got: `count ${count}, validation ${validation}`,
    });
  }
  const order = permutation(key, count).data;
  return { validation: order.slice(0, size).sort(), train: order.slice(size).sort() };
}
