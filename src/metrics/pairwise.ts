import type { Rows } from "./pair.ts";

/** A function of a squared distance. */
type OfSquare = (squared: number) => number;

/** sum_ij f(|a_i - b_j|^2) over all pairs. */
export function sumOverPairs({ a, b }: { readonly a: Rows; readonly b: Rows }, f: OfSquare): number {
  let sum = 0;
  for (let i = 0; i < a.count; i++) {
    for (let j = 0; j < b.count; j++) sum += f(squared({ a, b }, i, j));
  }
  return sum;
}

/** sum_ij f(|a_i - a_j|^2) over all pairs with i different from j. */
export function sumOverOthers(a: Rows, f: OfSquare): number {
  let sum = 0;
  for (let i = 0; i < a.count; i++) {
    for (let j = 0; j < i; j++) sum += f(squared({ a, b: a }, i, j));
  }
  return 2 * sum;
}

/** |a_i - b_j|^2. */
export function squared({ a, b }: { readonly a: Rows; readonly b: Rows }, i: number, j: number): number {
  const { size } = a;
  let sum = 0;
  for (let k = 0, p = i * size, q = j * size; k < size; k++) sum += (a.data[p + k]! - b.data[q + k]!) ** 2;
  return sum;
}
