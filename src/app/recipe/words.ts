import { z } from "zod";
import { suggestion } from "./suggest.ts";

/** Messages of schemas are `what was expected`, or `what was expected; what to do`: see faults.ts. */

/** An object with these keys and no others. */
export function object<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return undefined;
      return `a key that there is; ${choose(`${issue.keys[0]}`, Object.keys(shape))}`;
    },
  });
}

/** An object that is chosen by its `kind`, one of those given: `mlp` is short for `{ kind: mlp }`. */
export function choice<const Kind extends string, Shape extends z.ZodRawShape>(
  kind: Kind | readonly Kind[],
  shape: Shape,
) {
  return object({ kind: z.literal(kind as Kind[]), ...shape });
}

type Choice = ReturnType<typeof choice<string, z.ZodRawShape>>;

/** One of the choices: an object with a `kind`, or the kind alone; a number stands for what `number` makes of it. */
export function oneOf<const Choices extends readonly [Choice, ...Choice[]]>(
  choices: Choices,
  number?: (value: number) => object,
) {
  const kinds = choices.flatMap(({ shape }) => [...(shape.kind as z.ZodLiteral<string>).values]);
  const given = (value: unknown) => {
    if (typeof value === "string") return { kind: value };
    return typeof value === "number" && number ? number(value) : value;
  };
  const error = (issue: { readonly code: string; readonly input?: unknown }) => {
    const forms = `${number ? "a number, " : ""}a word, or an object with a kind`;
    if (issue.code !== "invalid_union") return `${forms}; ${choose("", kinds)}`;
    const { kind } = (issue.input ?? {}) as { kind?: unknown };
    return `a word that there is; ${choose(typeof kind === "string" ? kind : "", kinds)}`;
  };
  const union = z.discriminatedUnion("kind", choices as Choices & readonly [Choice, ...Choice[]], { error });
  return z.preprocess(given, union.meta({ words: kinds, number: number !== undefined }));
}

function choose(word: string, words: readonly string[]): string {
  const near = suggestion(word, words);
  return near === undefined ? `There are: ${words.join(", ")}.` : `Did you mean ${near}?`;
}

export const count = z.int().min(1);
export const index = z.int().min(0);
export const positive = z.number().positive();
export const nonNegative = z.number().min(0);
/** In [0, 1). */
export const rate = z.number().min(0).lt(1);
export const path = z.string().min(1);
