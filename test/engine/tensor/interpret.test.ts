import { describe, expect, test } from "vitest";
import { array, ndarray } from "../../../src/engine/array/index.ts";
import {
  add,
  constant,
  einsum,
  exp,
  input,
  interpret,
  interpretGraph,
  mean,
  mul,
  sum,
  type Tensor,
  where,
} from "../../../src/engine/tensor/index.ts";

describe("interpret", () => {
  test("computes in float64, whatever the dtype of the arrays", () => {
    const y = interpret((x: Tensor) => add(x, 1e-12), array([1]));
    expect(y.dtype).toBe("float64");
    expect(y.data[0]).toBe(1 + 1e-12);
  });

  test("takes integers, bytes and bools as what they are", () => {
    const seen: string[] = [];
    const look = (...tensors: Tensor[]) => {
      seen.push(...tensors.map(({ dtype }) => dtype));
      return tensors;
    };
    const bytes = ndarray(Uint8Array.of(255), [1], "uint8");
    const results = interpret(look, array([1], "int32"), bytes, array([1], "bool"), array([1], "float64"));
    expect(seen).toEqual(["int32", "int32", "bool", "float64"]);
    expect(results.map(({ data }) => data[0])).toEqual([1, 255, 1, 1]);
  });

  test("returns fresh arrays, also for an input or a constant returned as it is", () => {
    const x = array([1, 2], "float64");
    const [same, fixed] = interpret((t: Tensor) => [t, constant(x)] as const, x);
    same.data[0] = 9;
    fixed.data[0] = 9;
    expect(x.data[0]).toBe(1);
  });

  test("computes what is shared once and gives each output its numbers", () => {
    const [a, b] = interpret((x: Tensor) => [exp(x), mul(exp(x), 2)] as const, array([0], "float64"));
    expect([a.data[0], b.data[0]]).toEqual([1, 2]);
  });
});

describe("interpretGraph", () => {
  const x = input("position", { shape: [2], dtype: "float32" });

  test("names the input that has no numbers, or numbers of another shape", () => {
    expect(() => interpretGraph([exp(x)], new Map())).toThrow(
      'interpret: expected numbers of shape [2] for input "position", got none',
    );
    expect(() => interpretGraph([exp(x)], new Map([[x, array([1])]]))).toThrow('"position", got [1]');
  });

  test("needs no numbers for what the outputs do not use", () => {
    const [y] = interpretGraph([sum(constant(array([1, 2])))], new Map());
    expect(y!.data[0]).toBe(3);
  });
});

test("the methods of a tensor are the operations of the same name", () => {
  const x = input("x", { shape: [2, 3], dtype: "float32" });
  const condition = x.sub(1).abs().neg().exp().sum({ axes: 1, keepDims: true });
  expect(x.mean({ axes: 0 })).toBe(mean(x, { axes: 0 }));
  expect(x.matmul(x, { transposeB: true })).toBe(einsum("ij,kj->ik", x, x));
  expect(condition.shape).toEqual([2, 1]);
  const values = interpret(
    (t: Tensor) => [
      t.add(1),
      t.sub(1),
      t.mul(3),
      t.div(2),
      t.pow(2),
      t.neg(),
      t.abs(),
      t.exp(),
      t.log(),
      t.sqrt(),
      t.sin(),
      t.cos(),
      t.tanh(),
      t.sum(),
      t.mean(),
      t.max(),
      t.min(),
      t.cast("int32"),
      t.reshape([1, 1]),
      t.expand([1]),
      t.transpose([0]),
      t.slice({ axis: 0, start: 0 }),
      where(t.cast("bool"), t, 0),
    ],
    array([4], "float64"),
  ).map(({ data }) => data[0]);
  expect(values).toEqual([
    5,
    3,
    12,
    2,
    16,
    -4,
    4,
    Math.exp(4),
    Math.log(4),
    2,
    Math.sin(4),
    Math.cos(4),
    Math.tanh(4),
    4,
    4,
    4,
    4,
    4,
    4,
    4,
    4,
    4,
    4,
  ]);
});
