import { AdvectError } from "../engine/error.ts";

/** A condition on a number and how to say it. NaN fails every one of them. */
interface Condition {
  readonly text: string;
  readonly holds: (value: number) => boolean;
}

export const positive: Condition = { text: "> 0 and finite", holds: (x) => x > 0 && x < Infinity };
export const nonNegative: Condition = { text: ">= 0 and finite", holds: (x) => x >= 0 && x < Infinity };
export const fraction: Condition = { text: "in [0, 1]", holds: (x) => x >= 0 && x <= 1 };
/** The range of a moving average's decay that forgets. */
export const belowOne: Condition = { text: "in [0, 1)", holds: (x) => x >= 0 && x < 1 };
export const count: Condition = { text: "an integer >= 1", holds: (x) => Number.isSafeInteger(x) && x >= 1 };
export const index: Condition = { text: "an integer >= 0", holds: (x) => Number.isSafeInteger(x) && x >= 0 };

/** Throws "option" naming the first field that does not meet `condition`. */
export function check(where: string, condition: Condition, fields: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "number" && condition.holds(value)) continue;
    throw new AdvectError("option", where, {
      expected: `${name} ${condition.text}`,
      got: value,
      fix: `Set ${name} to a number ${condition.text}.`,
    });
  }
}

/** Throws "shape" unless every one of `vectors` has `length` elements. */
export function checkLengths(
  where: string,
  length: number,
  vectors: Readonly<Record<string, { readonly length: number }>>,
): void {
  for (const [name, vector] of Object.entries(vectors)) {
    if (vector.length === length) continue;
    throw new AdvectError("shape", where, { expected: `${name} of ${length} elements`, got: vector.length });
  }
}
