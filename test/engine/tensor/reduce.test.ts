import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { array, type NdArray } from "../../../src/engine/array/index.ts";
import {
  argMax,
  argMin,
  cumsum,
  grad,
  input,
  interpret,
  logSoftmax,
  logSumExp,
  max,
  mean,
  min,
  norm,
  normalize,
  type Reduction,
  rstd,
  softmax,
  sum,
  sumTo,
  type Tensor,
  variance,
} from "../../../src/engine/tensor/index.ts";
import { checkGradient, checkPushforward, checkSecondDerivative, sample } from "../../helpers/gradcheck.ts";
import {
  arrays,
  at,
  broadcasting,
  broadcastShape,
  expectClose,
  forAll,
  replaced,
  tabulate,
  total,
  withAxis,
} from "./reference.ts";

const average = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length;
const spread = (list: number[]) => average(list.map((x) => (x - average(list)) ** 2));

const reductions: readonly [
  string,
  (x: Tensor, r?: Reduction) => Tensor,
  (list: number[]) => number,
  number,
][] = [
  ["sum", sum, (list) => list.reduce((a, b) => a + b, 0), 0],
  ["mean", mean, average, 1],
  ["variance", variance, spread, 1],
  ["max", max, (list) => Math.max(...list), 1],
  ["min", min, (list) => Math.min(...list), 1],
  ["logSumExp", logSumExp, (list) => Math.log(list.reduce((a, b) => a + Math.exp(b), 0)), 1],
  ["norm", norm, (list) => Math.hypot(...list), 0],
];

/** An array, some of its axes (undefined for all; negative ones too), and the same counted from the front. */
const reduced = (minLength: number) =>
  arrays({ minLength }).chain((x) => {
    const all = x.shape.map((_, axis) => axis);
    return fc.option(fc.shuffledSubarray(all), { nil: undefined }).map((front) => ({
      x,
      front: front ?? all,
      axes: front?.map((axis) => (axis % 2 === 0 ? axis : axis - x.shape.length)),
    }));
  });

/** The elements of x that a reduction over `axes` folds into the element at `index` (axes kept). */
function fibre(x: NdArray, axes: readonly number[], index: readonly number[]): number[] {
  const free = x.shape.map((n, axis) => (axes.includes(axis) ? n : 1));
  const found: number[] = [];
  total(free, (offset) =>
    found.push(
      at(
        x,
        index.map((n, axis) => n + offset[axis]!),
      ),
    ),
  );
  return found;
}

describe.each(reductions)("%s", (_, fn, reference, minLength) => {
  test("folds the elements along any axes, kept or not", () => {
    forAll(reduced(minLength), ({ x, axes, front }) => {
      const kept = x.shape.map((n, axis) => (front.includes(axis) ? 1 : n));
      const expected = tabulate(kept, (index) => reference(fibre(x, front, index)));
      const options = axes === undefined ? {} : { axes };
      expectClose(
        interpret((t: Tensor) => fn(t, { ...options, keepDims: true }), x),
        expected,
      );
      const shape = x.shape.filter((_, axis) => !front.includes(axis));
      expectClose(
        interpret((t: Tensor) => fn(t, options), x),
        { ...expected, shape },
      );
    });
  });

  test("has the first and second derivatives that finite differences show", () => {
    for (const [shape, axes] of [
      [[5], 0],
      [[2, 3], -1],
      [
        [2, 3, 2],
        [0, 2],
      ],
      [[1, 4], [0]],
    ] as const) {
      const args = [sample(shape, 3)] as const;
      const call = (x: Tensor) => fn(x, { axes });
      checkGradient(call, args);
      checkSecondDerivative(call, args);
      checkPushforward(call, args);
    }
  });
});

describe("sum", () => {
  test("over no axes, or axes of length 1, is the tensor itself or a reshape of it", () => {
    const x = input("x", { shape: [2, 1], dtype: "float32" });
    expect(sum(x, { axes: [] })).toBe(x);
    expect(max(x, { axes: [] })).toBe(x);
    expect(sum(x, { axes: 1, keepDims: true })).toBe(x);
    expect(sum(x, { axes: 1 }).op).toBe("reshape");
    expect(max(x, { axes: 1 }).op).toBe("reshape");
  });

  test("of no elements is 0", () => {
    expect([...interpret((x: Tensor) => sum(x, { axes: 0 }), sample([0, 2], 1)).data]).toEqual([0, 0]);
  });

  test("of whole numbers is a whole number", () => {
    const y = interpret((x: Tensor) => sum(x), array([1, 2, 3], "int32"));
    expect(y.data).toEqual(Float64Array.of(6));
    expect(sum(input("x", { shape: [2], dtype: "int32" })).dtype).toBe("int32");
  });
});

describe("max and min", () => {
  test("share the gradient among equal extremes", () => {
    const x = array(
      [
        [3, 1, 3, 3],
        [2, 2, 0, 1],
      ],
      "float64",
    );
    const gradient = (fn: typeof max) => interpret((t: Tensor) => grad(sum(fn(t, { axes: 1 })), t), x);
    expectClose(
      gradient(max),
      array(
        [
          [1 / 3, 0, 1 / 3, 1 / 3],
          [0.5, 0.5, 0, 0],
        ],
        "float64",
      ),
    );
    expect([...gradient(min).data]).toEqual([0, 1, 0, 0, 0, 0, 1, 0]);
  });

  test("work on whole numbers", () => {
    const [low, high] = interpret((x: Tensor) => [min(x), max(x)] as const, array([4, -7, 2], "int32"));
    expect([low.data[0], high.data[0]]).toEqual([-7, 4]);
  });
});

describe("argMax and argMin", () => {
  test("find the first extreme along an axis", () => {
    forAll(withAxis({ minLength: 1 }), ({ x, axis, front }) => {
      const coarse = tabulate(x.shape, (i) => Math.round(at(x, i)));
      const shape = x.shape.filter((_, i) => i !== front);
      const place = (of: (list: number[]) => number) =>
        tabulate(shape, (i) => {
          const list = fibre(coarse, [front], [...i.slice(0, front), 0, ...i.slice(front)]);
          return list.indexOf(of(list));
        });
      expectClose(
        interpret((t: Tensor) => argMax(t, axis), coarse),
        place((list) => Math.max(...list)),
      );
      expectClose(
        interpret((t: Tensor) => argMin(t, axis), coarse),
        place((list) => Math.min(...list)),
      );
    });
  });

  test("give int32, by default along the last axis, and let no gradient through", () => {
    const x = input("x", { shape: [2, 3], dtype: "float32" });
    expect(argMax(x)).toMatchObject({ dtype: "int32", shape: [2] });
    const gradient = interpret((t: Tensor) => grad(sum(argMax(t).cast("float64")), t), sample([2, 3], 1));
    expect(gradient.data).toEqual(new Float64Array(6));
  });
});

describe("softmax and logSoftmax", () => {
  test("normalise exponentials along any axis", () => {
    forAll(withAxis({ minLength: 1 }), ({ x, axis, front }) => {
      const expected = tabulate(
        x.shape,
        (i) =>
          Math.exp(at(x, i)) /
          average(fibre(x, [front], replaced(i, front, 0)).map(Math.exp)) /
          x.shape[front]!,
      );
      expectClose(
        interpret((t: Tensor) => softmax(t, axis), x),
        expected,
      );
      expectClose(
        interpret((t: Tensor) => logSoftmax(t, axis).exp(), x),
        expected,
      );
    });
  });

  test("have the first and second derivatives that finite differences show", () => {
    for (const fn of [softmax, logSoftmax])
      for (const axis of [0, -1]) {
        const args = [sample([3, 4], 2)] as const;
        checkGradient((x: Tensor) => fn(x, axis), args);
        checkSecondDerivative((x: Tensor) => fn(x, axis), args);
        checkPushforward((x: Tensor) => fn(x, axis), args);
      }
  });

  test("stay finite for huge arguments and masked ones", () => {
    const x = array([1000, 1000, Number.NEGATIVE_INFINITY], "float64");
    expect([...interpret((t: Tensor) => softmax(t), x).data]).toEqual([0.5, 0.5, 0]);
    expect(interpret((t: Tensor) => logSumExp(t), x).data[0]).toBeCloseTo(1000 + Math.log(2), 10);
  });
});

test("logSumExp of nothing but minus infinity is minus infinity, and of plus infinity plus infinity", () => {
  const all = (value: number) =>
    interpret((x: Tensor) => logSumExp(x), array([value, value], "float64")).data[0];
  expect(all(Number.NEGATIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY);
  expect(all(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
});

describe("cumsum", () => {
  const modes = [false, true].flatMap((exclusive) =>
    [false, true].map((reverse) => ({ exclusive, reverse })),
  );

  test.each(modes)(
    "adds what comes before, $exclusive exclusive, $reverse reversed",
    ({ exclusive, reverse }) => {
      forAll(withAxis(), ({ x, axis, front }) => {
        const expected = tabulate(x.shape, (i) =>
          fibre(x, [front], replaced(i, front, 0)).reduce((sum, value, n) => {
            const before = reverse ? n > i[front]! : n < i[front]!;
            return before || (n === i[front] && !exclusive) ? sum + value : sum;
          }, 0),
        );
        expectClose(
          interpret((t: Tensor) => cumsum(t, axis, { exclusive, reverse }), x),
          expected,
        );
      });
      const fn = (x: Tensor) => cumsum(x, 1, { exclusive, reverse });
      checkGradient(fn, [sample([2, 4], 1)]);
      checkPushforward(fn, [sample([2, 4], 1)]);
      checkSecondDerivative((x: Tensor) => fn(x.mul(x)), [sample([2, 4], 1)]);
    },
  );
});

test("sumTo is the adjoint of broadcasting", () => {
  forAll(broadcasting(2), ([p, q]) => {
    const shape = broadcastShape(p!, q!);
    const [x, y] = [sample(p!, 1), sample(shape, 2)];
    const [forward, back] = interpret(
      (a: Tensor, b: Tensor) => [sum(a.expand(shape).mul(b)), sum(a.mul(sumTo(b, p!)))] as const,
      x,
      y,
    );
    expectClose(forward, back, 10);
  });
});

describe("normalize and rstd", () => {
  test.each([1e-5, 0.3])("standardise along the axes, epsilon %f", (epsilon) => {
    const x = sample([2, 3, 4], 4);
    for (const axes of [[2], [0, 2], [-2], [0, 1, 2]]) {
      const front = axes.map((axis) => (axis + 3) % 3);
      const kept = x.shape.map((n, axis) => (front.includes(axis) ? 1 : n));
      const scale = tabulate(kept, (i) => 1 / Math.sqrt(spread(fibre(x, front, i)) + epsilon));
      const centre = tabulate(kept, (i) => average(fibre(x, front, i)));
      expectClose(
        interpret((t: Tensor) => rstd(t, axes, epsilon), x),
        scale,
      );
      expectClose(
        interpret((t: Tensor) => normalize(t, axes, epsilon), x),
        tabulate(x.shape, (i) => (at(x, i) - at(centre, i)) * at(scale, i)),
      );
    }
  });

  test("have the first and second derivatives that finite differences show", () => {
    for (const fn of [normalize, rstd])
      for (const axes of [[1], [0, 2]]) {
        const call = (x: Tensor) => fn(x, axes, 0.01);
        checkGradient(call, [sample([2, 4, 2], 5)]);
        checkSecondDerivative(call, [sample([2, 4, 2], 5)]);
        checkPushforward(call, [sample([2, 4, 2], 5)]);
      }
  });
});
