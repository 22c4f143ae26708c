import fc from "fast-check";
import { expect, test } from "vitest";
import { einsum, input, interpret, is, matmul, type Tensor } from "../../../src/engine/tensor/index.ts";
import { checkGradient, checkPushforward, checkSecondDerivative, sample } from "../../helpers/gradcheck.ts";
import { at, expectClose, forAll, tabulate, total } from "./reference.ts";

const lengths: Readonly<Record<string, number>> = { a: 2, b: 3, c: 1, d: 2, e: 0, f: 2 };
const shapeOf = (letters: string) => [...letters].map((letter) => lengths[letter]!);

/** Sums the product of the operands over every letter that is not in the output. */
function naive(terms: readonly string[], output: string) {
  const operands = terms.map((term, i) => sample(shapeOf(term), i + 1));
  const summed = [...new Set(terms.join(""))].filter((letter) => !output.includes(letter)).join("");
  const all = output + summed;
  const expected = tabulate(shapeOf(output), (kept) =>
    total(shapeOf(summed), (rest) => {
      const index = [...kept, ...rest];
      return terms.reduce(
        (product, term, i) =>
          product *
          at(
            operands[i]!,
            [...term].map((letter) => index[all.indexOf(letter)]!),
          ),
        1,
      );
    }),
  );
  return { operands, expected };
}

const expressions = (alphabet: string) =>
  fc
    .array(fc.shuffledSubarray([...alphabet], { maxLength: 4 }), { minLength: 1, maxLength: 3 })
    .chain((terms) =>
      fc.shuffledSubarray([...new Set(terms.flat())]).map((output) => ({
        terms: terms.map((term) => term.join("")),
        output: output.slice(0, 4).join(""),
      })),
    );

test("equals the sum over all missing letters of the product, for random expressions", () => {
  forAll(
    expressions("abcdef"),
    ({ terms, output }) => {
      const { operands, expected } = naive(terms, output);
      const fn = (...tensors: Tensor[]) => einsum(`${terms.join(",")}->${output}`, ...tensors);
      expectClose(interpret(fn, ...operands), expected, 10);
    },
    400,
  );
});

test("has the first and second derivatives that finite differences show", () => {
  forAll(
    expressions("abcd"),
    ({ terms, output }) => {
      const { operands } = naive(terms, output);
      const fn = (...tensors: Tensor[]) => einsum(`${terms.join(",")}->${output}`, ...tensors);
      checkGradient(fn, operands);
      checkSecondDerivative(fn, operands);
      checkPushforward(fn, operands);
    },
    30,
  );
});

test("ignores spaces", () => {
  const { operands, expected } = naive(["ab", "bd"], "ad");
  const fn = (...tensors: Tensor[]) => einsum(" ab, bd -> ad ", ...tensors);
  expectClose(interpret(fn, ...operands), expected);
});

test("of attention is one batched product without a transpose of the keys", () => {
  const [q, k] = ["q", "k"].map((name) => input(name, { shape: [2, 4, 5, 8], dtype: "float32" }));
  const scores = einsum("bhqd,bhkd->bhqk", q!, k!);
  expect(scores.shape).toEqual([2, 4, 5, 5]);
  const product = scores.inputs[0]!;
  expect(is("matmul", product) && product.attributes).toEqual({ transposeA: false, transposeB: true });
  expect(product.inputs.map(({ op }) => op)).toEqual(["reshape", "reshape"]);
});

test("takes either operand of a product as it lies, transposed or not", () => {
  const [a, b] = ["a", "b"].map((name) => input(name, { shape: [3, 3], dtype: "float32" }));
  for (const [expression, transposeA, transposeB] of [
    ["ij,jk->ik", false, false],
    ["ji,jk->ik", true, false],
    ["ij,kj->ik", false, true],
    ["ji,kj->ik", true, true],
  ] as const) {
    expect(einsum(expression, a!, b!)).toBe(matmul(a!, b!, { transposeA, transposeB }));
  }
  const [x, y] = ["x", "y"].map((name) => input(name, { shape: [2, 4, 3, 3], dtype: "float32" }));
  const product = einsum("abji,abjk->abik", x!, y!).inputs[0]!;
  expect(is("matmul", product) && product.attributes).toEqual({ transposeA: true, transposeB: false });
});
