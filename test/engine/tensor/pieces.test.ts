import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NdArray } from "../../../src/engine/array/index.ts";
import {
  concat,
  input,
  interpret,
  is,
  pad,
  slice,
  split,
  stack,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import { checkGradient, checkPushforward, checkSecondDerivative, sample } from "../../helpers/gradcheck.ts";
import {
  arrays,
  at,
  expectClose,
  forAll,
  lengths,
  replaced,
  seeds,
  shapes,
  sizeOf,
  tabulate,
  withAxis,
  without,
} from "./reference.ts";

const float = (...shape: number[]) => input("x", { shape, dtype: "float64" });

/** A valid range of an axis of the given length. */
const rangeIn = (size: number) =>
  fc.tuple(fc.nat(size), fc.nat(size), fc.integer({ min: 1, max: 3 })).map(([p, q, step]) => ({
    start: Math.min(p, q),
    stop: Math.max(p, q),
    step,
  }));

const sliced = arrays().chain((x) =>
  fc
    .tuple(...x.shape.map(rangeIn))
    .map((ranges) => ({ x, ranges: ranges.map((range, axis) => ({ ...range, axis })) })),
);

describe("slice", () => {
  test("takes start, start + step, ... below stop, along any axes", () => {
    forAll(sliced, ({ x, ranges }) => {
      const shape = ranges.map(({ start, stop, step }) => Math.ceil((stop - start) / step));
      const expected = tabulate(shape, (i) =>
        at(
          x,
          i.map((n, axis) => ranges[axis]!.start + n * ranges[axis]!.step),
        ),
      );
      expectClose(
        interpret((t: Tensor) => slice(t, ranges), x),
        expected,
      );
      const fromTheEnd = ranges.map(({ axis, ...range }) => ({ ...range, axis: axis - x.shape.length }));
      expectClose(
        interpret((t: Tensor) => slice(t, fromTheEnd.toReversed()), x),
        expected,
      );
    });
  });

  test("counts negative ends from the end of the axis, and keeps axes that are not named", () => {
    const x = sample([4, 5], 1);
    const fn = (t: Tensor) => slice(t, { axis: 1, start: -3, stop: -1 });
    expectClose(
      interpret(fn, x),
      tabulate([4, 2], ([i, j]) => at(x, [i!, j! + 2])),
    );
  });

  test("of a slice is one slice of the source, also when it is empty, with the same numbers and gradient", () => {
    const twice = sliced.chain(({ x, ranges }) =>
      fc
        .tuple(...ranges.map(({ start, stop, step }) => rangeIn(Math.ceil((stop - start) / step))))
        .map((list) => ({ x, ranges, inner: list.map((range, axis) => ({ ...range, axis })) })),
    );
    forAll(twice, ({ x, ranges, inner }) => {
      const shape = inner.map(({ start, stop, step }) => Math.ceil((stop - start) / step));
      const fn = (t: Tensor) => {
        const y = slice(slice(t, ranges), inner);
        expect(is("slice", y) ? y.inputs[0] : y).toBe(t);
        return y;
      };
      const from = (n: number, axis: number) =>
        ranges[axis]!.start + (inner[axis]!.start + n * inner[axis]!.step) * ranges[axis]!.step;
      expectClose(
        interpret(fn, x),
        tabulate(shape, (i) => at(x, i.map(from))),
      );
      checkGradient(fn, [x]);
    });
  });

  test("of nothing behind a stride has a gradient too", () => {
    const empty = (t: Tensor) =>
      slice(slice(t, { axis: 0, start: 1, step: 3 }), { axis: 0, start: 1, stop: 1 });
    expect(interpret(empty, sample([3], 1)).shape).toEqual([0]);
    checkGradient(empty, [sample([3], 1)]);
  });

  test("of everything is the tensor itself", () => {
    const x = float(2, 3);
    expect(
      slice(x, [
        { axis: 0, start: 0 },
        { axis: 1, stop: 3 },
      ]),
    ).toBe(x);
    expect(slice(x, [])).toBe(x);
  });
});

describe("pad", () => {
  const padded = fc
    .tuple(shapes(), seeds)
    .chain(([shape, seed]) =>
      fc
        .tuple(...shape.map(() => fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2))))
        .map((counts) => ({ x: sample(shape, seed), counts })),
    );

  test("puts zeros before, after and between the elements", () => {
    forAll(padded, ({ x, counts }) => {
      const shape = x.shape.map((n, axis) => {
        const [before, after, interior] = counts[axis]!;
        return before + after + n + interior * Math.max(n - 1, 0);
      });
      const expected = tabulate(shape, (i) => {
        const source = i.map((n, axis) => (n - counts[axis]![0]) / (counts[axis]![2] + 1));
        const inside = source.every((n, axis) => Number.isInteger(n) && n >= 0 && n < x.shape[axis]!);
        return inside ? at(x, source) : 0;
      });
      const fn = (t: Tensor) =>
        pad(
          t,
          counts.map(([before, after]) => [before, after] as const),
          counts.map(([, , interior]) => interior),
        );
      expectClose(interpret(fn, x), expected);
      if (sizeOf(shape) < 60) checkGradient(fn, [x]);
    });
  });

  test("by nothing is the tensor itself", () => {
    const x = float(2);
    expect(pad(x, [[0, 0]])).toBe(x);
  });
});

describe("concat, stack and split", () => {
  const parts = fc.tuple(withAxis(), lengths(), lengths()).map(([{ x, axis, front }, n, m]) => ({
    list: [x, sample(replaced(x.shape, front, n), 1), sample(replaced(x.shape, front, m), 2)] as const,
    axis,
    front,
  }));

  test("concat joins along an axis, and split takes apart again what it joined", () => {
    forAll(parts, ({ list, axis, front }) => {
      const counts = list.map(({ shape }) => shape[front]!);
      const [first, second] = counts as [number, number];
      const shape = replaced(
        list[0].shape,
        front,
        counts.reduce((a, b) => a + b),
      );
      const expected = tabulate(shape, (i) => {
        const n = i[front]!;
        const part = n < first ? 0 : n < first + second ? 1 : 2;
        return at(list[part]!, replaced(i, front, n - [0, first, first + second][part]!));
      });
      const joined = (a: Tensor, b: Tensor, c: Tensor) => concat([a, b, c], axis);
      expectClose(interpret(joined, ...list), expected);
      const back = interpret(
        (a: Tensor, b: Tensor, c: Tensor) => split(joined(a, b, c), counts, axis),
        ...list,
      );
      back.forEach((part, i) => expectClose(part, list[i]!));
    });
  });

  test("concat leaves out empty parts, and of one part is the part itself", () => {
    const x = float(2, 3);
    expect(concat([x])).toBe(x);
    expect(concat([float(0, 3), x])).toBe(x);
    expect(concat([float(0, 3), float(0, 3)]).shape).toEqual([0, 3]);
  });

  test("stack puts tensors along a new axis", () => {
    forAll(
      arrays(),
      (x) => {
        const twin = sample(x.shape, 77);
        for (let axis = -x.shape.length - 1; axis <= x.shape.length; axis++) {
          const front = axis < 0 ? axis + x.shape.length + 1 : axis;
          const shape = [...x.shape.slice(0, front), 2, ...x.shape.slice(front)];
          expectClose(
            interpret((a: Tensor, b: Tensor) => stack([a, b], axis), x, twin),
            tabulate(shape, (i) => at(i[front] === 0 ? x : twin, without(i, front))),
          );
        }
      },
      30,
    );
  });

  test("split into a number of parts makes them equal", () => {
    expect(split(float(2, 6), 3, -1).map(({ shape }) => [...shape])).toEqual([
      [2, 2],
      [2, 2],
      [2, 2],
    ]);
  });
});

const linear: readonly [string, (x: Tensor) => Tensor, number[]][] = [
  [
    "slice",
    (x) =>
      slice(x, [
        { axis: 0, start: 1 },
        { axis: 1, start: 0, stop: 4, step: 3 },
      ]),
    [3, 5],
  ],
  [
    "pad",
    (x) =>
      pad(
        x,
        [
          [1, 0],
          [0, 2],
        ],
        [1, 0],
      ),
    [2, 3],
  ],
  ["concat", (x) => concat([x, x.mul(2), x], 1), [2, 3]],
  ["stack", (x) => stack([x, x.exp()], -1), [2, 2]],
  [
    "split",
    (x) => {
      const [a, b] = split(x, [1, 3], 1);
      return a!.mul(b!);
    },
    [2, 4],
  ],
];

test.each(linear)(
  "the derivatives of %s are those of finite differences, at first and second order",
  (_, fn, shape) => {
    const args: readonly [NdArray] = [sample(shape, 3)];
    checkGradient(fn, args);
    checkPushforward(fn, args);
    checkSecondDerivative((x: Tensor) => fn(x.mul(x)), args);
  },
);
