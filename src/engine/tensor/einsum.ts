import { sizeOf } from "../array/nd-array.ts";
import { AdvectError } from "../error.ts";
import { mul } from "./ops/elementwise.ts";
import { expandDims, reshape, transpose } from "./ops/layout.ts";
import { matmul } from "./ops/linear.ts";
import { sum } from "./ops/reduce.ts";
import type { Tensor } from "./tensor.ts";

/** A tensor whose axes have letters. */
interface Labelled {
  readonly axes: string;
  readonly x: Tensor;
}

/**
 * Einstein summation in explicit form, einsum("bij,bjk->bik", a, b): letters that are missing on the right are summed.
 * One or more operands; a letter may occur once in each (no diagonals). Operands are contracted from left to right,
 * each pair as one batched matrix product. Throws "option" for a malformed expression, "shape" for lengths that disagree.
 */
export function einsum(expression: string, ...operands: readonly Tensor[]): Tensor {
  const { inputs, output } = parse(expression, operands);
  let [left, ...rest] = inputs as [Labelled, ...Labelled[]];
  rest.forEach((right, i) => {
    const later =
      rest
        .slice(i + 1)
        .map(({ axes }) => axes)
        .join("") + output;
    left = contract(left, right, later);
  });
  return arrange(sumAway(left, output), output).x;
}

function parse(expression: string, operands: readonly Tensor[]): { inputs: Labelled[]; output: string } {
  const match = /^([a-zA-Z,]*)->([a-zA-Z]*)$/.exec(expression.replaceAll(" ", ""));
  const [, left = "", output = ""] = match ?? [];
  const terms = left.split(",");
  const letters = terms.join("");
  const distinct = [...terms, output].every((term) => new Set(term).size === term.length);
  if (
    !match ||
    terms.length !== operands.length ||
    !distinct ||
    [...output].some((letter) => !letters.includes(letter))
  ) {
    throw new AdvectError("option", "einsum", {
      expected: `one term of distinct letters for each of ${operands.length} operands, "->", and letters of theirs`,
      got: `"${expression}"`,
    });
  }
  const inputs = terms.map((axes, i) => ({ axes, x: operands[i]! }));
  checkLengths(expression, inputs);
  return { inputs, output };
}

function checkLengths(expression: string, inputs: readonly Labelled[]): void {
  const lengths = new Map<string, number>();
  for (const { axes, x } of inputs) {
    const wrong =
      x.rank !== axes.length ||
      [...axes].some((letter, i) => (lengths.get(letter) ?? x.shape[i]) !== x.shape[i]);
    if (wrong) {
      throw new AdvectError("shape", "einsum", {
        expected: `"${axes}" of "${expression}" to have one axis a letter, each letter one length`,
        got: `[${x.shape}] where ${JSON.stringify(Object.fromEntries(lengths))}`,
      });
    }
    [...axes].forEach((letter, i) => {
      lengths.set(letter, x.shape[i]!);
    });
  }
}

const only = (axes: string, keep: (letter: string) => boolean) => [...axes].filter(keep).join("");

/** left and right multiplied, with the letters that nobody needs later summed. */
function contract(left: Labelled, right: Labelled, later: string): Labelled {
  const a = sumAway(left, right.axes + later);
  const b = sumAway(right, left.axes + later);
  const batch = only(a.axes, (letter) => b.axes.includes(letter) && later.includes(letter));
  const inner = only(a.axes, (letter) => b.axes.includes(letter) && !later.includes(letter));
  const rows = only(a.axes, (letter) => !b.axes.includes(letter));
  const columns = only(b.axes, (letter) => !a.axes.includes(letter));
  const product =
    inner === ""
      ? outerProduct(a, b, { batch, rows, columns })
      : matrixProduct(a, b, { batch, rows, columns, inner });
  return { axes: batch + rows + columns, x: product };
}

interface Groups {
  readonly batch: string;
  readonly rows: string;
  readonly columns: string;
}

function matrixProduct(
  a: Labelled,
  b: Labelled,
  { batch, rows, columns, inner }: Groups & { inner: string },
): Tensor {
  const transposeA = rows !== "" && a.axes === batch + inner + rows;
  const transposeB = columns !== "" && b.axes === batch + columns + inner;
  const left = transposeA ? a : arrange(a, batch + rows + inner);
  const right = transposeB ? b : arrange(b, batch + inner + columns);
  const lengths = (of: Labelled, axes: string) =>
    [...axes].map((letter) => of.x.shape[of.axes.indexOf(letter)]!);
  const [batches, m, k, n] = [
    lengths(left, batch),
    lengths(left, rows),
    lengths(left, inner),
    lengths(right, columns),
  ];
  const matrix = ({ x }: Labelled, first: readonly number[], last: readonly number[]) =>
    reshape(x, [...(batch === "" ? [] : [sizeOf(batches)]), sizeOf(first), sizeOf(last)]);
  const result = matmul(
    transposeA ? matrix(left, k, m) : matrix(left, m, k),
    transposeB ? matrix(right, n, k) : matrix(right, k, n),
    { transposeA, transposeB },
  );
  return reshape(result, [...batches, ...m, ...n]);
}

function outerProduct(a: Labelled, b: Labelled, { batch, rows, columns }: Groups): Tensor {
  const left = arrange(a, batch + rows).x;
  const right = arrange(b, batch + columns).x;
  const places = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
  return mul(
    expandDims(left, places(left.rank, columns.length)),
    expandDims(right, places(batch.length, rows.length)),
  );
}

function sumAway({ axes, x }: Labelled, needed: string): Labelled {
  const gone = [...axes].flatMap((letter, axis) => (needed.includes(letter) ? [] : [axis]));
  return gone.length === 0
    ? { axes, x }
    : { axes: only(axes, (letter) => needed.includes(letter)), x: sum(x, { axes: gone }) };
}

function arrange({ axes, x }: Labelled, order: string): Labelled {
  return {
    axes: order,
    x: transpose(
      x,
      [...order].map((letter) => axes.indexOf(letter)),
    ),
  };
}
