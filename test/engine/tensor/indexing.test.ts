import fc from "fast-check";
import { expect, test } from "vitest";
import { array, ndarray, sizeOf } from "../../../src/engine/array/index.ts";
import {
  arange,
  constant,
  interpret,
  oneHot,
  scatterAdd,
  sum,
  type Tensor,
  take,
} from "../../../src/engine/tensor/index.ts";
import { checkGradient, checkPushforward, checkSecondDerivative, sample } from "../../helpers/gradcheck.ts";
import { at, expectClose, forAll, shapes, tabulate, withAxis } from "./reference.ts";

/** Indices in [0, length) of the given shape. */
const indicesIn = (length: number, shape: readonly number[], seed: number) =>
  ndarray(Int32Array.from(sample(shape, seed, [0, length]).data, Math.floor), shape, "int32");

const taken = fc
  .tuple(
    withAxis({ minLength: 1 }),
    shapes().filter((shape) => shape.length < 3),
  )
  .map(([place, shape]) => ({ ...place, indices: indicesIn(place.x.shape[place.front]!, shape, 8) }));

test("take replaces an axis by the shape of the indices", () => {
  forAll(taken, ({ x, axis, front, indices }) => {
    const rank = indices.shape.length;
    const shape = [...x.shape.slice(0, front), ...indices.shape, ...x.shape.slice(front + 1)];
    const expected = tabulate(shape, (i) => {
      const index = at(indices, i.slice(front, front + rank));
      return at(x, [...i.slice(0, front), index, ...i.slice(front + rank)]);
    });
    expectClose(
      interpret((t: Tensor, n: Tensor) => take(t, n, axis), x, indices),
      expected,
    );
  });
});

test("scatterAdd is the adjoint of take", () => {
  forAll(taken, ({ x, axis, front, indices }) => {
    const u = sample([...x.shape.slice(0, front), ...indices.shape, ...x.shape.slice(front + 1)], 3);
    const [forward, back] = interpret(
      (t: Tensor, n: Tensor, g: Tensor) =>
        [sum(take(t, n, axis).mul(g)), sum(t.mul(scatterAdd(n, g, { shape: t.shape, axis })))] as const,
      x,
      indices,
      u,
    );
    expectClose(forward, back, 10);
  });
});

test("the derivatives of take and scatterAdd are those of finite differences, repeated indices included", () => {
  const indices = array(
    [
      [2, 0],
      [2, 2],
    ],
    "int32",
  );
  for (const axis of [0, 1]) {
    const fn = (x: Tensor, i: Tensor) => take(x.mul(x), i, axis);
    const x = sample([3, 3], 1);
    checkGradient(fn, [x, indices]);
    checkSecondDerivative(fn, [x, indices]);
    checkPushforward(fn, [x, indices]);
  }
  const spread = (i: Tensor, u: Tensor) => scatterAdd(i, u.mul(u), { shape: [3, 2] });
  checkGradient(spread, [indices, sample([2, 2, 2], 2)]);
  checkSecondDerivative(spread, [indices, sample([2, 2, 2], 2)]);
});

test("an index outside of the axis is an error, while tracing and while computing", () => {
  for (const wrong of [-1, 3]) {
    const indices = array([0, wrong], "int32");
    const message = `indices in [0, 3), got ${wrong}`;
    expect(() => interpret((x: Tensor, i: Tensor) => take(x, i), sample([3], 1), indices)).toThrow(message);
    expect(() => take(arange(3), constant(indices))).toThrow(message);
    expect(() => interpret((i: Tensor) => scatterAdd(i, arange(2), { shape: [3] }), indices)).toThrow(
      message,
    );
  }
});

test("oneHot has a 1 at each index, on a new last axis", () => {
  forAll(
    shapes(),
    (shape) => {
      const indices = indicesIn(4, shape, 5);
      const expected = tabulate([...shape, 4], (i) => (at(indices, i.slice(0, -1)) === i.at(-1) ? 1 : 0));
      expectClose(
        interpret((n: Tensor) => oneHot(n, 4), indices),
        expected,
      );
    },
    30,
  );
  expect(oneHot(constant(array([1], "int32")), 2, "float64").dtype).toBe("float64");
  expect(sizeOf(oneHot(constant(array([], "int32")), 2).shape)).toBe(0);
});

test("arange counts from 0", () => {
  expect([...interpret(() => arange(4)).data]).toEqual([0, 1, 2, 3]);
  expect(arange(0).shape).toEqual([0]);
  expect(arange(2, "int32").dtype).toBe("int32");
});
