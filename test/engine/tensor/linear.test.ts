import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { array, type NdArray } from "../../../src/engine/array/index.ts";
import {
  ancestors,
  dot,
  grad,
  input,
  interpret,
  is,
  matmul,
  outer,
  sum,
  type Tensor,
  transpose,
} from "../../../src/engine/tensor/index.ts";
import { checkGradient, checkPushforward, checkSecondDerivative, sample } from "../../helpers/gradcheck.ts";
import {
  at,
  broadcasting,
  broadcastShape,
  expectClose,
  forAll,
  lengths,
  tabulate,
  total,
} from "./reference.ts";

const float = (...shape: number[]) => input("x", { shape, dtype: "float64" });
const swapped = (shape: readonly number[]) => [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];

describe("matmul", () => {
  const products = fc.tuple(
    broadcasting(2).filter((list) => list.every((shape) => shape.length < 3)),
    fc.tuple(lengths(), lengths(), lengths()),
    fc.boolean(),
    fc.boolean(),
  );

  test("multiplies the last two axes, leading ones broadcast, either transposed first", () => {
    forAll(
      products,
      ([[p, q], [m, k, n], transposeA, transposeB]) => {
        const a = sample([...p!, ...(transposeA ? [k, m] : [m, k])], 1);
        const b = sample([...q!, ...(transposeB ? [n, k] : [k, n])], 2);
        const entry = (x: NdArray, lead: number[], [row, column]: [number, number], flip: boolean) =>
          at(x, [...lead, ...(flip ? [column, row] : [row, column])]);
        const expected = tabulate([...broadcastShape(p!, q!), m, n], (index) => {
          const lead = index.slice(0, -2);
          const [i, j] = index.slice(-2) as [number, number];
          return total([k], ([l]) => {
            return entry(a, lead, [i, l!], transposeA) * entry(b, lead, [l!, j], transposeB);
          });
        });
        const flags = { transposeA, transposeB };
        expectClose(
          interpret((x: Tensor, y: Tensor) => matmul(x, y, flags), a, b),
          expected,
        );
      },
      200,
    );
  });

  test("counts a vector as a row on the left and as a column on the right", () => {
    const [u, v, m] = [sample([3], 1), sample([3], 2), sample([2, 3], 3)];
    const product = (x: Tensor, y: Tensor) => matmul(x, y);
    const inner = (index: number[], x: NdArray) => total([3], ([k]) => at(x, [...index, k!]) * at(u, [k!]));
    expectClose(
      interpret(product, m, u),
      tabulate([2], (i) => inner(i, m)),
    );
    expectClose(
      interpret((x: Tensor, y: Tensor) => matmul(x, y, { transposeB: true }), u, m),
      tabulate([2], (i) => inner(i, m)),
    );
    expectClose(
      interpret(product, u, v),
      tabulate([], () => inner([], v)),
    );
    expectClose(
      interpret(product, sample([4, 2, 3], 5), u),
      tabulate([4, 2], (i) => inner(i, sample([4, 2, 3], 5))),
    );
  });

  test("has the first and second derivatives that finite differences show, for every flag and rank", () => {
    const shapes: readonly [number[], number[]][] = [
      [
        [2, 3],
        [3, 4],
      ],
      [
        [2, 2, 3],
        [3, 2],
      ],
      [
        [2, 2, 3],
        [2, 3, 2],
      ],
      [
        [2, 3],
        [2, 3, 2],
      ],
      [
        [2, 1, 2, 3],
        [3, 3, 2],
      ],
    ];
    for (const transposeA of [false, true])
      for (const transposeB of [false, true])
        for (const [p, q] of shapes) {
          const a = sample(transposeA ? swapped(p) : p, 1);
          const b = sample(transposeB ? swapped(q) : q, 2);
          const fn = (x: Tensor, y: Tensor) => matmul(x, y, { transposeA, transposeB });
          checkGradient(fn, [a, b]);
          checkSecondDerivative(fn, [a, b]);
          checkPushforward(fn, [a, b]);
        }
    for (const [p, q] of [
      [[3], [3, 2]],
      [[2, 3], [3]],
      [[3], [3]],
    ] as const)
      checkGradient((x: Tensor, y: Tensor) => matmul(x, y), [sample(p, 1), sample(q, 2)]);
  });

  test("absorbs transposes of its operands into its flags, in the gradient too", () => {
    const [a, b] = [float(3, 2), float(4, 3)];
    const y = matmul(transpose(a), transpose(b));
    expect(is("matmul", y) && y.attributes).toEqual({ transposeA: true, transposeB: true });
    expect(y.inputs).toEqual([a, b]);
    const graph = ancestors(grad(sum(y.mul(y)), [a, b]));
    expect(graph.filter(({ op }) => op === "transpose")).toEqual([]);
  });

  test("by one matrix makes the leading axes rows, so that the gradient of a weight is one product", () => {
    const [x, w] = [float(5, 4, 3), float(2, 3)];
    const y = matmul(x, w, { transposeB: true });
    expect(y.shape).toEqual([5, 4, 2]);
    const gradient = grad(sum(y.mul(y)), w);
    expect(gradient).toMatchObject({ op: "matmul", shape: [2, 3] });
    expect(ancestors([gradient]).filter(({ op }) => op === "sum" || op === "expand")).toEqual([]);
  });
});

test("dot multiplies along the last axis and adds, broadcast over the others", () => {
  for (const [p, q] of [
    [[3], [3]],
    [[2, 3], [3]],
    [
      [2, 3],
      [4, 1, 3],
    ],
  ] as const) {
    const [a, b] = [sample(p, 1), sample(q, 2)];
    const shape = broadcastShape(p.slice(0, -1), q.slice(0, -1));
    const expected = tabulate(shape, (i) => total([3], ([k]) => at(a, [...i, k!]) * at(b, [...i, k!])));
    expectClose(interpret(dot, a, b), expected);
    checkGradient(dot, [a, b]);
  }
});

test("outer multiplies every element of one vector with every one of another", () => {
  const [a, b] = [array([1, 2], "float64"), array([3, 4, 5], "float64")];
  expectClose(
    interpret(outer, a, b),
    array(
      [
        [3, 4, 5],
        [6, 8, 10],
      ],
      "float64",
    ),
  );
  checkGradient(outer, [a, b]);
});
