import { readFileSync } from "node:fs";
import { expect } from "vitest";

export interface Numbers {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface Case<Inputs, Expected> {
  readonly name: string;
  readonly inputs: Inputs;
  readonly expected: Expected;
}

/** The cases of test/golden/<topic>.json whose `op` is one of `ops`. */
export function golden<Inputs, Expected>(topic: string, ...ops: string[]): Case<Inputs, Expected>[] {
  const text = readFileSync(new URL(`../golden/${topic}.json`, import.meta.url), "utf8");
  const { cases } = JSON.parse(text) as { cases: Case<Inputs & { op: string }, Expected>[] };
  const found = cases.filter(({ inputs }) => ops.includes(inputs.op));
  expect(found.length, `cases of ${topic}`).toBeGreaterThan(0);
  return found;
}

/** |got - want| <= 1e-12 + 1e-10 |want| for every element, the tolerance of the golden files of this folder. */
export function expectClose(got: ArrayLike<number>, want: readonly number[], what = ""): void {
  expect(got.length, what).toBe(want.length);
  want.forEach((value, i) => {
    const message = `${what} [${i}]: got ${got[i]}, want ${value}`;
    expect(Math.abs(got[i]! - value), message).toBeLessThanOrEqual(1e-12 + 1e-10 * Math.abs(value));
  });
}

/** Row `i` of a matrix. */
export function row({ shape, data }: Numbers, i: number): number[] {
  return data.slice(i * shape[1]!, (i + 1) * shape[1]!);
}
