import { AdvectError } from "../engine/error.ts";
import type { Tensor } from "../engine/tensor/index.ts";

/** Throws "option" unless every count is a whole number >= 1. */
export function checkCounts(where: string, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) {
    if (Number.isSafeInteger(count) && count >= 1) continue;
    throw new AdvectError("option", where, { expected: `${name} to be a whole number >= 1`, got: count });
  }
}

/** Throws "option" unless `whole` is a multiple of `part`. */
export function checkDivides(
  where: string,
  { whole, part }: { whole: readonly [name: string, value: number]; part: readonly [string, number] },
): void {
  if (whole[1] % part[1] === 0) return;
  throw new AdvectError("option", where, {
    expected: `${whole[0]} to be a multiple of ${part[0]} (${part[1]})`,
    got: whole[1],
  });
}

/** Throws "shape" unless `axis` of x has the given length. */
export function checkLength(
  where: string,
  x: Tensor,
  { axis, length }: { axis: number; length: number },
): void {
  if (x.rank > 0 && x.shape.at(axis) === length) return;
  throw new AdvectError("shape", where, {
    expected: `length ${length} on axis ${axis} of the input`,
    got: x.shape,
  });
}

/** Throws "shape" unless x is [batch, ...shape]. */
export function checkItems(where: string, x: Tensor, shape: readonly number[]): void {
  if (x.rank === shape.length + 1 && shape.every((length, i) => length === x.shape[i + 1])) return;
  throw new AdvectError("shape", where, { expected: `x of shape [batch, ${shape}]`, got: x.shape });
}

/** Throws "shape" unless t is [batch], for the batch of x. */
export function checkTime(where: string, t: Tensor, x: Tensor): void {
  if (t.rank === 1 && t.shape[0] === x.shape[0]) return;
  throw new AdvectError("shape", where, {
    expected: `t of shape [${x.shape[0]}]`,
    got: t.shape,
    fix: "Give every sample of the batch its time; expand a scalar first.",
  });
}
