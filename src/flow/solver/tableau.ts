/**
 * A Runge-Kutta method as data [butcher1963]: k_i = v(x + dt sum_j a_ij k_j, t + c_i dt), x' = x + dt sum_i b_i k_i.
 * All methods here are explicit: row i of `a` holds the i weights of the stages before it.
 */
export interface Tableau {
  readonly name: string;
  /** The error of a step of length dt is O(dt^(order + 1)). */
  readonly order: number;
  readonly a: readonly (readonly number[])[];
  readonly b: readonly number[];
  readonly c: readonly number[];
  /** b - b*, with b* the embedded method of another order: dt sum_i error_i k_i estimates the error of a step. */
  readonly error?: readonly number[];
  /** x(t + dt / 2) is near x + dt sum_i middle_i k_i: the fifth condition of the quartic interpolant. */
  readonly middle?: readonly number[];
}

/** Whether the last stage is v at the new state, so that the next step begins with it ("first same as last"). */
export function lastIsFirst({ a, b }: Tableau): boolean {
  const last = a.at(-1)!;
  return b.length > 1 && b.at(-1) === 0 && last.every((weight, j) => weight === b[j]);
}

/** How many stages x' needs: trailing stages without weight serve the error estimate or the next step only. */
export function stagesOf({ b }: Tableau): number {
  return b.findLastIndex((weight) => weight !== 0) + 1;
}
