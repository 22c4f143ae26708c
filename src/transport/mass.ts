import type { NdArray } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import { checkFinite } from "./check.ts";

export interface Masses {
  /** Mass of each row, [rows], >= 0; 1 / rows each unless given. */
  readonly rowMass?: NdArray | undefined;
  /** Mass of each column, [columns], >= 0; 1 / columns each unless given. */
  readonly columnMass?: NdArray | undefined;
}

/** One side's masses in float64. Throws "shape"; "numerical" or "option" unless finite, >= 0 and not all 0. */
export function massOf(where: string, given: NdArray | undefined, count: number): Float64Array {
  if (given === undefined) return new Float64Array(count).fill(1 / count);
  if (given.shape.length !== 1 || given.shape[0] !== count) {
    throw new AdvectError("shape", where, { expected: `masses of shape [${count}]`, got: given.shape });
  }
  checkFinite(where, "the masses", given);
  const mass = Float64Array.from(given.data);
  if (mass.some((value) => value < 0) || total(mass) <= 0) {
    throw new AdvectError("option", where, { expected: "masses >= 0, not all 0", got: Array.from(mass) });
  }
  return mass;
}

/** Throws "option" unless both sides hold the same mass, to nine digits. */
export function checkBalanced(where: string, rows: Float64Array, columns: Float64Array): void {
  const [a, b] = [total(rows), total(columns)];
  if (Math.abs(a - b) <= 1e-9 * Math.max(a, b)) return;
  throw new AdvectError("option", where, {
    expected: "rows and columns of the same total mass",
    got: `${a} and ${b}`,
    fix: "Scale one side, or let mass go with unbalanced() or partial().",
  });
}

export function total(mass: Float64Array): number {
  return mass.reduce((sum, value) => sum + value, 0);
}
