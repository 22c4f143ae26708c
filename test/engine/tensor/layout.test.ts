import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NdArray } from "../../../src/engine/array/index.ts";
import {
  expand,
  expandDims,
  flip,
  input,
  interpret,
  moveAxis,
  repeat,
  reshape,
  squeeze,
  type Tensor,
  tile,
  transpose,
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
  withAxis,
} from "./reference.ts";

const float = (...shape: number[]) => input("x", { shape, dtype: "float64" });

describe("reshape", () => {
  test("keeps the numbers in order, whatever the shapes", () => {
    forAll(arrays(), (x) => {
      const flat = interpret((t: Tensor) => reshape(t, [t.size]), x);
      expect(flat).toEqual({ ...flat, shape: [x.data.length], data: x.data });
      const back = interpret((t: Tensor) => reshape(reshape(t, [1, t.size]), [...t.shape]), x);
      expectClose(back, x);
    });
  });

  test("infers one length given as -1", () => {
    expect(reshape(float(2, 6), [3, -1]).shape).toEqual([3, 4]);
    expect(reshape(float(2, 0), [-1, 5]).shape).toEqual([0, 5]);
    expect(reshape(float(), [-1]).shape).toEqual([1]);
  });

  test("of a reshape is one reshape, and back again is the tensor itself", () => {
    const x = float(2, 6);
    const twice = reshape(reshape(x, [12]), [3, 4]);
    expect(twice.inputs[0]).toBe(x);
    expect(reshape(twice, [2, 6])).toBe(x);
    expect(reshape(x, [2, -1])).toBe(x);
  });
});

describe("transpose", () => {
  const permuted = arrays().chain((x) =>
    fc
      .shuffledSubarray(
        x.shape.map((_, axis) => axis),
        { minLength: x.shape.length },
      )
      .map((permutation) => ({ x, permutation })),
  );

  test("moves axis permutation[i] to place i", () => {
    forAll(permuted, ({ x, permutation }) => {
      const shape = permutation.map((axis) => x.shape[axis]!);
      const expected = tabulate(shape, (i) =>
        at(
          x,
          x.shape.map((_, axis) => i[permutation.indexOf(axis)]!),
        ),
      );
      expectClose(
        interpret((t: Tensor) => transpose(t, permutation), x),
        expected,
      );
      const negative = permutation.map((axis) => axis - x.shape.length);
      expectClose(
        interpret((t: Tensor) => transpose(t, negative), x),
        expected,
      );
    });
  });

  test("without a permutation swaps the last two axes", () => {
    expect(transpose(float(2, 3, 4)).shape).toEqual([2, 4, 3]);
  });

  test("of a transpose is one transpose or none", () => {
    const x = float(2, 3, 4);
    const twice = transpose(transpose(x, [1, 2, 0]), [1, 2, 0]);
    expect(twice.inputs[0]).toBe(x);
    expect(transpose(twice, [1, 2, 0])).toBe(x);
    expect(transpose(x, [0, 1, 2])).toBe(x);
    expect(transpose(float(), [])).toHaveProperty("op", "input");
  });

  test("that moves only axes of length 1 is a reshape", () => {
    expect(transpose(float(2, 1, 3), [1, 0, 2]).op).toBe("reshape");
    expect(transpose(float(2, 1, 3), [2, 1, 0]).op).toBe("transpose");
  });
});

test("moveAxis puts one axis elsewhere and keeps the order of the others", () => {
  expect(moveAxis(float(2, 3, 4, 5), 1, -1).shape).toEqual([2, 4, 5, 3]);
  expect(moveAxis(float(2, 3, 4, 5), -1, 0).shape).toEqual([5, 2, 3, 4]);
  const x = sample([2, 3, 4], 1);
  expectClose(
    interpret((t: Tensor) => moveAxis(t, 0, 1), x),
    tabulate([3, 2, 4], ([i, j, k]) => at(x, [j!, i!, k!])),
  );
});

test("expand repeats along axes of length 1 and new leading ones", () => {
  forAll(broadcasting(2), ([p, q]) => {
    const x = sample(p!, 2);
    const shape = broadcastShape(p!, q!);
    expectClose(
      interpret((t: Tensor) => expand(t, shape), x),
      tabulate(shape, (i) => at(x, i)),
    );
  });
});

test("expand of an expand starts from the source", () => {
  const x = float(3);
  expect(expand(expand(x, [2, 3]), [4, 2, 3]).inputs[0]).toBe(x);
  expect(expand(x, [3])).toBe(x);
});

test("expandDims puts axes of length 1 at the given places of the result, squeeze takes them away", () => {
  expect(expandDims(float(2, 3), [0, -1]).shape).toEqual([1, 2, 3, 1]);
  expect(expandDims(float(2, 3), 1).shape).toEqual([2, 1, 3]);
  expect(expandDims(float(), [0, 1]).shape).toEqual([1, 1]);
  expect(squeeze(float(1, 2, 1)).shape).toEqual([2]);
  expect(squeeze(float(1, 2, 1), -1).shape).toEqual([1, 2]);
  const x = float(2, 3);
  expect(squeeze(expandDims(x, [0, 2]))).toBe(x);
});

describe("flip", () => {
  test("reverses the order along an axis", () => {
    forAll(withAxis(), ({ x, axis, front }) => {
      expectClose(
        interpret((t: Tensor) => flip(t, axis), x),
        tabulate(x.shape, (i) => at(x, replaced(i, front, x.shape[front]! - 1 - i[front]!))),
      );
    });
  });

  test("without axes reverses all, and does nothing where there is one element", () => {
    const x = sample([2, 3], 1);
    expect(interpret((t: Tensor) => flip(t), x).data).toEqual(x.data.toReversed());
    const one = float(1, 1);
    expect(flip(one)).toBe(one);
  });
});

test("repeat puts copies of each element next to it, tile copies of the whole side by side", () => {
  forAll(fc.tuple(withAxis(), fc.nat(3)), ([{ x, axis, front }, times]) => {
    const shape = replaced(x.shape, front, x.shape[front]! * times);
    expectClose(
      interpret((t: Tensor) => repeat(t, times, axis), x),
      tabulate(shape, (i) => at(x, replaced(i, front, Math.floor(i[front]! / times)))),
    );
  });
  const counts = [2, 1, 3];
  const x = sample([2, 3, 1], 5);
  expectClose(
    interpret((t: Tensor) => tile(t, counts), x),
    tabulate([4, 3, 3], ([i, j]) => at(x, [i! % 2, j!, 0])),
  );
});

const linear: readonly [string, (x: Tensor) => Tensor, number[]][] = [
  ["reshape", (x) => reshape(x, [3, 2, 2]), [2, 6]],
  ["transpose", (x) => transpose(x, [2, 0, 1]), [2, 3, 4]],
  ["moveAxis", (x) => moveAxis(x, -1, 0), [2, 3]],
  ["expand", (x) => expand(x, [3, 2, 4]), [2, 1]],
  ["expandDims", (x) => expandDims(x, 1), [2, 3]],
  ["squeeze", (x) => squeeze(x), [2, 1]],
  ["flip", (x) => flip(x, [0, 2]), [2, 3, 2]],
  ["repeat", (x) => repeat(x, 2, 1), [2, 3]],
  ["tile", (x) => tile(x, [2, 3]), [2, 2]],
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
