import { type NdArray, sizeOf } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";

/**
 * Throws "shape" unless `cost` is a matrix with at least one element, "numerical" unless all are finite and so far from
 * the end of float64 that the sum along a path through all rows and columns, a price, is finite too.
 */
export function checkCost(where: string, cost: NdArray): void {
  if (cost.shape.length !== 2 || cost.data.length === 0) {
    throw new AdvectError("shape", where, {
      expected: "a cost of shape [rows, columns], both at least 1",
      got: cost.shape,
    });
  }
  const limit = Number.MAX_VALUE / (8 * (cost.shape[0]! + cost.shape[1]!));
  if (within(cost.data, limit)) return;
  checkFinite(where, "the cost", cost);
  const large = cost.data.find((value: number) => Math.abs(value) > limit);
  throw new AdvectError("numerical", where, {
    expected: `costs of at most ${limit.toPrecision(3)}`,
    got: large,
    fix: "Scale them down: only their ratios matter.",
  });
}

/** Whether all |values| are at most `limit`, which NaN is not; a plain loop, since this is done for every batch. */
function within(data: ArrayLike<number>, limit: number): boolean {
  for (let i = 0; i < data.length; i++) if (!(Math.abs(data[i]!) <= limit)) return false;
  return true;
}

export function checkFinite(where: string, name: string, { data }: NdArray): void {
  if (within(data, Number.MAX_VALUE)) return;
  const at = data.findIndex((value: number) => !Number.isFinite(value));
  if (at === -1) return;
  throw new AdvectError("numerical", where, {
    expected: `finite numbers in ${name}`,
    got: `${data[at]} at element ${at}`,
    fix: "Look for divisions by zero or an overflow where it was computed.",
  });
}

/** Throws "shape" unless both hold at least one row and rows of both have equally many elements. */
export function checkSamples(where: string, x0: NdArray, x1: NdArray): void {
  const filled = [x0, x1].every(({ shape, data }) => shape.length > 0 && data.length > 0);
  if (filled && sizeOf(x0.shape.slice(1)) === sizeOf(x1.shape.slice(1))) return;
  throw new AdvectError("shape", where, {
    expected:
      "x0 [rows, ...shape] and x1 [columns, ...shape] with rows, columns >= 1 and samples of one size",
    got: `[${x0.shape}] and [${x1.shape}]`,
  });
}

/** Throws "option" unless `value` is a finite number > 0. */
export function checkPositive(where: string, name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new AdvectError("option", where, { expected: `a finite ${name} > 0`, got: value });
}
