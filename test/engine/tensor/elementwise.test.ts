import { describe, expect, test } from "vitest";
import { array, type NdArray } from "../../../src/engine/array/index.ts";
import {
  abs,
  add,
  cast,
  clip,
  constant,
  cos,
  div,
  erf,
  exp,
  filled,
  floor,
  grad,
  interpret,
  log,
  maximum,
  minimum,
  mish,
  mishGate,
  mul,
  neg,
  type Operand,
  pow,
  recip,
  relu,
  sigmoid,
  sign,
  silu,
  sin,
  softplus,
  sqrt,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tanh,
} from "../../../src/engine/tensor/index.ts";
import { checkGradient, checkPushforward, checkSecondDerivative, sample } from "../../helpers/gradcheck.ts";
import { at, broadcasting, broadcastShape, expectClose, forAll, tabulate } from "./reference.ts";

/** Simpson's rule on the definition. */
function integral(x: number): number {
  const n = 400;
  const h = x / n;
  let total = 0;
  for (let i = 0; i <= n; i++) {
    const weight = i === 0 || i === n ? 1 : i % 2 === 1 ? 4 : 2;
    total += weight * Math.exp(-((i * h) ** 2));
  }
  return (2 / Math.sqrt(Math.PI)) * (h / 3) * total;
}

type Range = readonly [number, number];
const logistic = (x: number) => 1 / (1 + Math.exp(-x));

const functions: readonly [string, (x: Tensor) => Tensor, (x: number) => number, Range?][] = [
  ["neg", neg, (x) => -x],
  ["exp", exp, Math.exp],
  ["log", log, Math.log, [0.2, 3]],
  ["sqrt", sqrt, Math.sqrt, [0.2, 3]],
  ["recip", recip, (x) => 1 / x, [0.3, 3]],
  ["sin", sin, Math.sin],
  ["cos", cos, Math.cos],
  ["tanh", tanh, Math.tanh],
  ["sigmoid", sigmoid, logistic],
  ["silu", silu, (x) => x * logistic(x)],
  ["mish", mish, (x) => x * Math.tanh(Math.log(1 + Math.exp(x)))],
  ["mishGate", mishGate, (x) => Math.tanh(Math.log(1 + Math.exp(x)))],
  ["softplus", softplus, (x) => Math.log(1 + Math.exp(x))],
  ["erf", erf, integral],
  ["abs", abs, Math.abs],
  ["sign", sign, Math.sign],
  ["floor", floor, Math.floor],
  ["relu", relu, (x) => Math.max(x, 0)],
  ["a power of 4", (x) => pow(x, 4), (x) => x ** 4],
  ["a power of -3 of a negative base", (x) => pow(x, -3), (x) => x ** -3, [-2, -0.5]],
  ["a power of 1", (x) => pow(x, 1), (x) => x],
  ["a power of 2", (x) => pow(x, 2), (x) => x ** 2],
  ["a power of 3", (x) => pow(x, 3), (x) => x ** 3],
  ["a power of 0.5", (x) => pow(x, 0.5), (x) => x ** 0.5, [0.2, 3]],
  ["a power of -1", (x) => pow(x, -1), (x) => x ** -1, [0.2, 3]],
  ["a power of -0.5", (x) => pow(x, -0.5), (x) => x ** -0.5, [0.2, 3]],
  ["a power of 0", (x) => pow(x, 0), () => 1],
];

describe.each(functions)("%s", (_, fn, reference, range = [-2, 2]) => {
  test("has the values of its definition, for any shape", () => {
    for (const shape of [[], [5], [2, 0], [2, 3, 2], [1, 2, 1, 3]]) {
      const x = sample(shape, 3, range);
      expectClose(
        interpret(fn, x),
        tabulate(shape, (i) => reference(at(x, i))),
        10,
      );
    }
  });

  test("has the first and second derivatives that finite differences show", () => {
    for (const shape of [[], [7], [2, 3]]) {
      const args = [sample(shape, 5, range)] as const;
      checkGradient(fn, args);
      checkSecondDerivative(fn, args);
      checkPushforward(fn, args);
    }
  });
});

const pairs: readonly [
  string,
  (a: Operand, b: Operand) => Tensor,
  (a: number, b: number) => number,
  Range?,
  Range?,
][] = [
  ["add", add, (a, b) => a + b],
  ["sub", sub, (a, b) => a - b],
  ["mul", mul, (a, b) => a * b],
  ["div", div, (a, b) => a / b, [-2, 2], [0.5, 2]],
  ["pow", pow, (a, b) => a ** b, [0.3, 2], [-2, 2]],
  ["maximum", maximum, Math.max],
  ["minimum", minimum, Math.min],
];

describe.each(pairs)("%s", (_, fn, reference, left = [-2, 2], right = [-2, 2]) => {
  test("broadcasts as NumPy does", () => {
    forAll(broadcasting(2), ([p, q]) => {
      const [a, b] = [sample(p!, 1, left), sample(q!, 2, right)];
      const expected = tabulate(broadcastShape(p!, q!), (i) => reference(at(a, i), at(b, i)));
      expectClose(
        interpret((x: Tensor, y: Tensor) => fn(x, y), a, b),
        expected,
      );
    });
  });

  test("takes a number on either side", () => {
    const x = sample([2, 3], 1, [0.5, 2]);
    for (const c of [-1, 0, 1, 2, 0.7]) {
      expectClose(
        interpret((a: Tensor) => fn(a, c), x),
        tabulate([2, 3], (i) => reference(at(x, i), c)),
      );
      if (c < 0) continue;
      expectClose(
        interpret((a: Tensor) => fn(c, a), x),
        tabulate([2, 3], (i) => reference(c, at(x, i))),
      );
    }
  });

  test("has the first and second derivatives that finite differences show, through broadcasting", () => {
    for (const [p, q] of [
      [
        [2, 3],
        [2, 3],
      ],
      [[2, 3], [3]],
      [
        [2, 1],
        [1, 3],
      ],
      [[], [2, 2]],
      [
        [2, 1, 2],
        [3, 1],
      ],
      [[0, 2], [2]],
    ]) {
      const args = [sample(p!, 4, left), sample(q!, 9, right)] as const;
      const call = (a: Tensor, b: Tensor) => fn(a, b);
      checkGradient(call, args);
      checkSecondDerivative(call, args);
      checkPushforward(call, args);
    }
  });
});

const values = (array: NdArray) => Array.from(array.data);
const gradientAt = (fn: (x: Tensor) => Tensor, ...x: number[]) =>
  values(interpret((t: Tensor) => grad(sum(fn(t)), t), array(x, "float64")));

describe("at the edges", () => {
  test("sigmoid, softplus, silu and mish stay finite for large arguments", () => {
    const x = array([-800, -40, 40, 800], "float64");
    expect(values(interpret(sigmoid, x))).toEqual([0, Math.exp(-40), 1, 1]);
    expect(values(interpret(softplus, x))).toEqual([0, Math.exp(-40), 40, 800]);
    expect(values(interpret(silu, x)).slice(2)).toEqual([40, 800]);
    expect(values(interpret(mish, x)).slice(2)).toEqual([40, 800]);
    expect(values(interpret(mishGate, x))).toEqual([0, Math.exp(-40), 1, 1]);
    expect(gradientAt(mish, -800, 800)).toEqual([0, 1]);
    expect(gradientAt(softplus, -800, 800)).toEqual([0, 1]);
  });

  test("erf agrees with tables to the last digits", () => {
    const x = array([0.5, 1, 2, 3, -4, 7], "float64");
    const expected = [
      0.5204998778130465, 0.8427007929497149, 0.9953222650189527, 0.9999779095030014, -0.9999999845827421, 1,
    ];
    values(interpret(erf, x)).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 14));
  });

  test("the gradients of maximum and minimum are shared in a tie, and add up to one", () => {
    for (const fn of [maximum, minimum]) {
      const [a, b] = interpret(
        (x: Tensor, y: Tensor) => grad(sum(fn(x, y)), [x, y] as const),
        array([1, 2, 3], "float64"),
        array([2, 2, 2], "float64"),
      );
      expect(values(a).map((value, i) => value + b.data[i]!)).toEqual([1, 1, 1]);
      expect(a.data[1]).toBe(0.5);
    }
    expect(gradientAt((x) => maximum(x, x), 3)).toEqual([1]);
  });

  test("clip has slope 1 inside, 0 outside and one half at a bound; either bound may be missing", () => {
    const both = (x: Tensor) => clip(x, { low: -1, high: 1 });
    expect(values(interpret(both, array([-3, -1, 0.5, 1, 2], "float64")))).toEqual([-1, -1, 0.5, 1, 1]);
    expect(gradientAt(both, -3, -1, 0.5, 1, 2)).toEqual([0, 0.5, 1, 0.5, 0]);
    expect(gradientAt((x) => clip(x, { low: 0 }), -1, 5)).toEqual([0, 1]);
    expect(gradientAt((x) => clip(x, { high: 0 }), -1, 5)).toEqual([1, 0]);
    expect(gradientAt((x) => clip(x, {}), -1, 5)).toEqual([1, 1]);
  });

  test("relu, abs, sign and floor have slope 0 at their corners", () => {
    for (const fn of [relu, abs, sign, floor]) expect(gradientAt(fn, 0)).toEqual([0]);
  });

  test("the gradient of a power of zero is finite where the derivative is", () => {
    expect(gradientAt((x) => pow(x, 2.5), 0)).toEqual([0]);
    expect(gradientAt((x) => pow(x, 0), 0)).toEqual([0]);
    const [a, b] = interpret(
      (x: Tensor, y: Tensor) => grad(sum(pow(x, y)), [x, y] as const),
      array([0, 0, -2], "float64"),
      array([2, 0, 2], "float64"),
    );
    expect(values(a)).toEqual([0, 0, -4]);
    expect(b.data[0]).toBe(0);
  });

  test("whole numbers stay whole: division and negative powers truncate towards 0", () => {
    const [a, b] = [array([7, -7, 6], "int32"), array([2, 2, -4], "int32")];
    expect(values(interpret((x: Tensor, y: Tensor) => div(x, y), a, b))).toEqual([3, -3, -1]);
    expect(values(interpret((x: Tensor) => div(x, 2), a))).toEqual([3, -3, 3]);
    expect(values(interpret((x: Tensor) => add(mul(x, 0), 1), a))).toEqual([1, 1, 1]);
    expect(interpret((x: Tensor) => pow(x, 2), a).data).toEqual(Float64Array.of(49, 49, 36));
  });
});

describe("cast", () => {
  test("truncates floats towards 0, makes bools of what is not 0, and back", () => {
    const x = array([-1.7, -0.2, 0, 0.9, 2.5], "float64");
    expect(values(interpret((t: Tensor) => cast(t, "int32"), x))).toEqual([-1, -0, 0, 0, 2]);
    expect(values(interpret((t: Tensor) => cast(t, "bool"), x))).toEqual([1, 1, 0, 1, 1]);
    expect(values(interpret((t: Tensor) => cast(cast(t, "bool"), "float32"), x))).toEqual([1, 1, 0, 1, 1]);
  });

  test("passes the gradient between float types, and none through integers", () => {
    expect(gradientAt((x) => mul(cast(x, "float32"), 3), 1, 2)).toEqual([3, 3]);
    expect(gradientAt((x) => cast(cast(x, "int32"), "float64"), 1.5)).toEqual([0]);
  });

  test("to the own dtype is the tensor itself", () => {
    const x = filled([2], 1);
    expect(cast(x, "float32")).toBe(x);
  });
});

describe("stopGradient", () => {
  test("is the identity with derivative zero, at any order", () => {
    expect(values(interpret(stopGradient, array([1, 2], "float64")))).toEqual([1, 2]);
    expect(gradientAt((x) => mul(stopGradient(x), x), 3, 4)).toEqual([3, 4]);
    expect(gradientAt((x) => grad(sum(mul(stopGradient(x), mul(x, x))), x), 3)).toEqual([6]);
  });

  test("of a stopped tensor or a constant adds nothing", () => {
    const c = constant(array([1, 2]));
    expect(stopGradient(c)).toBe(c);
    interpret((x: Tensor) => {
      const stopped = stopGradient(x);
      expect(stopGradient(stopped)).toBe(stopped);
      return stopped;
    }, array(1));
  });
});
