import { describe, expect, test } from "vitest";
import { array, ndarray } from "../../../src/engine/array/index.ts";
import {
  and,
  equal,
  grad,
  greater,
  greaterEqual,
  input,
  interpret,
  less,
  lessEqual,
  log,
  not,
  type Operand,
  or,
  sum,
  type Tensor,
  where,
} from "../../../src/engine/tensor/index.ts";
import { checkGradient, checkPushforward, sample } from "../../helpers/gradcheck.ts";
import { at, broadcasting, broadcastShape, expectClose, forAll, tabulate } from "./reference.ts";

/** Whole numbers from -1 to 1, so that ties are common. */
const few = (shape: readonly number[], seed: number) => {
  const { data } = sample(shape, seed, [-1.49, 1.49]);
  return ndarray(data.map(Math.round), shape, "float64");
};

const comparisons: readonly [
  string,
  (a: Operand, b: Operand) => Tensor,
  (a: number, b: number) => boolean,
][] = [
  ["less", less, (a, b) => a < b],
  ["lessEqual", lessEqual, (a, b) => a <= b],
  ["greater", greater, (a, b) => a > b],
  ["greaterEqual", greaterEqual, (a, b) => a >= b],
  ["equal", equal, (a, b) => a === b],
];

test.each(comparisons)("%s compares element by element, broadcast", (_, fn, reference) => {
  forAll(broadcasting(2), ([p, q]) => {
    const [a, b] = [few(p!, 1), few(q!, 2)];
    expectClose(
      interpret((x: Tensor, y: Tensor) => fn(x, y), a, b),
      tabulate(broadcastShape(p!, q!), (i) => Number(reference(at(a, i), at(b, i)))),
    );
  });
  expect(interpret((x: Tensor) => fn(x, 0), few([4], 3)).data).toEqual(
    few([4], 3).data.map((value) => Number(reference(value, 0))),
  );
});

test("and, or and not are those of logic, broadcast", () => {
  const [a, b] = [array([[1], [0]], "bool"), array([1, 0], "bool")];
  expect([...interpret(and, a, b).data]).toEqual([1, 0, 0, 0]);
  expect([...interpret(or, a, b).data]).toEqual([1, 1, 1, 0]);
  expect([...interpret(not, b).data]).toEqual([0, 1]);
});

test("a comparison is a bool tensor, and equal compares bools too", () => {
  const x = input("x", { shape: [2], dtype: "bool" });
  expect(equal(x, x).dtype).toBe("bool");
  expect(less(input("y", { shape: [2], dtype: "int32" }), 1).dtype).toBe("bool");
});

describe("where", () => {
  test("chooses element by element, all three broadcast", () => {
    forAll(broadcasting(3), ([c, p, q]) => {
      const flags = few(c!, 4);
      const [a, b] = [sample(p!, 1), sample(q!, 2)];
      expectClose(
        interpret((f: Tensor, x: Tensor, y: Tensor) => where(less(f, 0.5), x, y), flags, a, b),
        tabulate(broadcastShape(c!, p!, q!), (i) => (at(flags, i) < 0.5 ? at(a, i) : at(b, i))),
      );
    });
  });

  test("sends the gradient to the chosen side only, through broadcasting", () => {
    const flags = array([[1, 0, 1]], "bool");
    const fn = (f: Tensor, x: Tensor, y: Tensor) => where(f, x, y);
    checkGradient(fn, [flags, sample([2, 3], 1), sample([3], 2)]);
    checkPushforward(fn, [flags, sample([], 1), sample([2, 1], 2)]);
  });

  test("keeps an infinite branch that is not taken out of the value and its gradient", () => {
    const safe = (x: Tensor) => where(less(0, x), log(where(less(0, x), x, 1)), 0);
    const gradient = interpret((x: Tensor) => grad(sum(safe(x)), x), array([0, 2], "float64"));
    expect([...gradient.data]).toEqual([0, 0.5]);
  });

  test("with a constant condition is the branch itself", () => {
    const [a, b] = ["a", "b"].map((name) => input(name, { shape: [2], dtype: "float32" }));
    expect(where(less(0, 1), a!, b!)).toBe(a);
    expect(where(less(1, 0), a!, b!)).toBe(b);
    expect(where(less(0, 1), a!, input("c", { shape: [3, 2], dtype: "float32" })).shape).toEqual([3, 2]);
  });
});
