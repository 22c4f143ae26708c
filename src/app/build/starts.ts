import { type NdArray, ndarray, takeRows } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { type Key, normal } from "../../engine/random/index.ts";
import type { Plan } from "./plan.ts";

/** What samples are told, row by row. */
export interface ToldRows {
  readonly labels?: NdArray<"int32">;
  readonly vector?: NdArray<"float32">;
}

/** Where samples start: noise, or the recipe's source. */
export function startsOf(
  { sizes }: Plan,
  {
    count,
    key,
    source,
  }: { count: number; key: Key; source?: ((key: Key, count: number) => NdArray) | undefined },
): NdArray {
  return source?.(key.fold("x0"), count) ?? normal(key.fold("x0"), [count, ...sizes.shape]);
}

/** Labels 0, 1 … one after the other, or those given; and rows of vectors, again from the first. */
export function toldRows(
  { sizes }: Plan,
  {
    count,
    labels,
    vectors,
  }: { count: number; labels?: readonly number[] | undefined; vectors?: NdArray | undefined },
): ToldRows {
  const cycle = labels ?? Array.from({ length: sizes.classes }, (_, label) => label);
  const wrong = cycle.find((label) => !(Number.isInteger(label) && label >= 0 && label <= sizes.classes));
  if (wrong !== undefined || (labels && (sizes.classes === 0 || labels.length === 0))) {
    throw new AdvectError("option", "sampling labels", {
      expected:
        sizes.classes > 0 ? `labels from 0 to ${sizes.classes - 1}` : "no labels, as the model has none",
      got: labels ?? [],
    });
  }
  if (vectors && sizes.conditionSize === 0) {
    throw new AdvectError("option", "sampling condition", {
      expected: "none, as the model is told no vectors",
      got: vectors.shape,
    });
  }
  const rows = (length: number) => Int32Array.from({ length: count }, (_, i) => i % length);
  return {
    ...(sizes.classes > 0 && {
      labels: ndarray(
        Int32Array.from(rows(cycle.length), (at) => cycle[at]!),
        [count],
        "int32",
      ),
    }),
    ...(sizes.conditionSize > 0 && { vector: vectorRows(sizes.conditionSize, vectors, rows) }),
  };
}

function vectorRows(
  size: number,
  vectors: NdArray | undefined,
  rows: (length: number) => Int32Array,
): NdArray<"float32"> {
  if (vectors && vectors.shape.length === 2 && vectors.shape[1] === size && vectors.shape[0]! > 0) {
    return takeRows(vectors, rows(vectors.shape[0]!)) as NdArray<"float32">;
  }
  throw new AdvectError("shape", "sampling condition", {
    expected: `condition vectors of shape [count, ${size}]`,
    got: vectors ? vectors.shape : "none",
    fix: "Give a file with one row for each sample: --condition rows.npy.",
  });
}
