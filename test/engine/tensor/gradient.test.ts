import { describe, expect, test } from "vitest";
import { array, type NdArray } from "../../../src/engine/array/index.ts";
import {
  add,
  ancestors,
  constant,
  einsum,
  exp,
  type ForeignModel,
  filled,
  grad,
  input,
  interpret,
  jvp,
  mul,
  node,
  sin,
  slice,
  split,
  stack,
  stopGradient,
  sum,
  type Tensor,
  take,
  tanh,
  valueAndGrad,
  vjp,
} from "../../../src/engine/tensor/index.ts";
import { checkGradient, checkPushforward, checkSecondDerivative, sample } from "../../helpers/gradcheck.ts";
import { expectClose } from "./reference.ts";

const float = (name: string, ...shape: number[]) => input(name, { shape, dtype: "float64" });
const ops = (...tensors: Tensor[]) => ancestors(tensors).map(({ op }) => op);
const numbers = (array: NdArray) => Array.from(array.data);

describe("grad", () => {
  test("has the arrangement of what it is taken with respect to, and zeros where nothing flows", () => {
    const fn = (p: { w: Tensor; list: readonly [Tensor, Tensor] }) => grad(sum(mul(p.w, p.list[1])), p);
    const gradient = interpret(fn, {
      w: array([1, 2], "float64"),
      list: [array([9], "float64"), array([3, 4], "float64")],
    });
    expect(numbers(gradient.w)).toEqual([3, 4]);
    expect(numbers(gradient.list[0])).toEqual([0]);
    expect(numbers(gradient.list[1])).toEqual([1, 2]);
  });

  test("counts every way from the input to the loss", () => {
    const fn = (x: Tensor) => {
      const y = sin(x);
      return sum(add(mul(y, y), add(mul(x, y), exp(x))));
    };
    const gradient = interpret((x: Tensor) => grad(fn(x), x), array([0.7], "float64"));
    const [s, c] = [Math.sin(0.7), Math.cos(0.7)];
    expect(gradient.data[0]).toBeCloseTo(2 * s * c + s + 0.7 * c + Math.exp(0.7), 14);
  });

  test("can be taken with respect to an intermediate tensor, and to an input behind it at once", () => {
    const [gx, gy] = interpret(
      (x: Tensor) => {
        const y = mul(x, x);
        return grad(sum(mul(y, x)), [x, y] as const);
      },
      array([3], "float64"),
    );
    expect([gx.data[0], gy.data[0]]).toEqual([27, 3]);
  });

  test("of the loss with respect to itself is 1", () => {
    const x = float("x");
    expect(numbers(interpret((t: Tensor) => grad(t, t), array(5, "float64")))).toEqual([1]);
    expect(grad(x, x).shape).toEqual([]);
  });

  test("does not flow into integers, nor out of comparisons", () => {
    const fn = (x: Tensor, i: Tensor) => {
      const loss = sum(mul(take(x, i), i.cast("float64")));
      return grad(loss, [x, i] as const);
    };
    const [gx, gi] = interpret(fn, array([5, 6, 7], "float64"), array([2, 0], "int32"));
    expect(numbers(gx)).toEqual([0, 0, 2]);
    expect(numbers(gi)).toEqual([0, 0]);
  });

  test("works at any order: the third derivative of exp(sin(x)) is that of the closed form", () => {
    const derivative = (fn: (x: Tensor) => Tensor) => (x: Tensor) => grad(sum(fn(x)), x);
    const x = sample([5], 1);
    const third = interpret(derivative(derivative(derivative((t) => exp(sin(t))))), x);
    const closed = x.data.map((value) => {
      const [s, c] = [Math.sin(value), Math.cos(value)];
      return Math.exp(s) * (c ** 3 - 3 * s * c - c);
    });
    expectClose(third, { ...third, data: closed });
  });

  test("of a gradient penalty, as in score matching, agrees with finite differences", () => {
    const fn = (w: Tensor, x: Tensor) => {
      const y = sum(tanh(x.matmul(w)));
      const g = grad(y, x);
      return sum(mul(g, g));
    };
    checkGradient(fn, [sample([3, 4], 1), sample([2, 3], 2)]);
    checkSecondDerivative(fn, [sample([3, 4], 1), sample([2, 3], 2)]);
  });
});

test("valueAndGrad differentiates the first argument and passes the others on", () => {
  const fn = valueAndGrad((p: { w: Tensor }, x: Tensor, scale: number) => mul(sum(mul(p.w, x)), scale));
  const result = interpret(
    (p: { w: Tensor }, x: Tensor) => fn(p, x, 2),
    { w: array([1, 2], "float64") },
    array([3, 4], "float64"),
  );
  expect(numbers(result.value)).toEqual([22]);
  expect(numbers(result.gradient.w)).toEqual([6, 8]);
});

describe("vjp and jvp", () => {
  test("of several outputs and inputs are the transposed Jacobian and the Jacobian", () => {
    const fn = (x: Tensor, y: Tensor) => {
      const outputs = [mul(x, y), add(x, mul(y, 3))];
      const [u, v] = [2, 5].map((value) => filled([], value, "float64"));
      const pulled = vjp({ outputs, cotangents: [u!, v!], wrt: [x, y] });
      return [...pulled, ...jvp({ outputs, wrt: [x, y], tangents: [u!, v!] })];
    };
    const result = interpret(fn, array(7, "float64"), array(11, "float64"));
    expect(result.map(({ data }) => data[0])).toEqual([2 * 11 + 5, 2 * 7 + 5 * 3, 2 * 11 + 5 * 7, 2 + 5 * 3]);
  });

  test("jvp leaves no trace of the cotangents it pulls through", () => {
    const x = float("x", 3, 4);
    const y = einsum("ij,kj->ik", tanh(x), x).max({ axes: 0 });
    const [pushed] = jvp({ outputs: [y], wrt: [x], tangents: [filled([3, 4], 1, "float64")] });
    const inputs = ancestors([pushed!]).filter(({ op }) => op === "input");
    expect(inputs).toEqual([x]);
  });

  test("jvp is zero for an output that does not depend on the input", () => {
    const [x, y] = [float("x", 2), float("y", 2)];
    const [pushed] = jvp({ outputs: [exp(y)], wrt: [x], tangents: [filled([2], 1, "float64")] });
    expect(numbers(interpret(() => pushed!))).toEqual([0, 0]);
  });

  test("agree with each other and with finite differences on a small network", () => {
    const network = (p: { w: Tensor; b: Tensor }, x: Tensor) => {
      const h = x.matmul(p.w, { transposeB: true }).add(p.b);
      const [a, b] = split(h, 2, -1);
      return stack([tanh(a!), mul(b!, a!)]);
    };
    const args = [{ w: sample([4, 3], 1), b: sample([4], 2) }, sample([2, 3], 3)] as const;
    checkGradient(network, args);
    checkSecondDerivative(network, args);
    checkPushforward(network, args);
  });
});

describe("the gradient of what was split", () => {
  const x = float("x", 4, 6);

  test("is one concat without zeros around the parts", () => {
    for (const axis of [0, 1]) {
      const [a, b] = split(x, 2, axis);
      const gradient = grad(sum(mul(exp(a!), sin(b!))), x);
      expect(gradient).toMatchObject({ op: "concat", attributes: { axis } });
      expect(ops(gradient)).not.toContain("pad");
    }
  });

  test("is joined for every axis, and added to what flows another way", () => {
    const [a, b] = split(x, [1, 3], 0);
    const [c, d, e] = split(x, [3, 1, 2], 1);
    const parts = [exp(a!), sin(b!), sin(c!), exp(d!), tanh(e!), mul(x, x)];
    const loss = parts.map((part) => sum(part)).reduce((s, t) => add(s, t));
    const gradient = grad(loss, x);
    expect(ops(gradient).filter((op) => op === "concat")).toHaveLength(2);
    expect(ops(gradient)).not.toContain("pad");
  });

  test("keeps the zeros where parts are missing or overlap, with the right numbers", () => {
    const missing = (t: Tensor) => exp(slice(t, { axis: 0, start: 1 }));
    const overlapping = (t: Tensor) =>
      add(exp(slice(t, { axis: 0, stop: 3 })), sin(slice(t, { axis: 0, start: 1 })));
    const strided = (t: Tensor) =>
      mul(slice(t, { axis: 0, step: 2 }), exp(slice(t, { axis: 0, start: 1, step: 2 })));
    const ranges =
      (...list: readonly (readonly [start: number, stop: number])[]) =>
      (t: Tensor) =>
        stack(list.map(([start, stop], i) => mul(i + 2, sum(exp(slice(t, { axis: 0, start, stop }))))));
    const gaps = [ranges([0, 1], [1, 3]), ranges([0, 1], [3, 4]), ranges([1, 2], [2, 4])];
    const overlaps = [ranges([0, 2], [1, 3]), ranges([0, 2], [0, 4]), ranges([0, 3], [2, 4])];
    for (const fn of [missing, overlapping, strided, ...gaps, ...overlaps])
      checkGradient(fn, [sample([4, 2], 1)]);
    expect(ops(grad(sum(missing(x)), x))).toContain("pad");
  });

  test("has the right numbers", () => {
    const fn = (t: Tensor) => {
      const [a, b, c] = split(t, [1, 2, 1], 0);
      const [d, e] = split(t, 2, 1);
      return add(sum(mul(a!, exp(b!)).mul(c!)), sum(mul(d!, sin(e!))));
    };
    checkGradient(fn, [sample([4, 2], 1)]);
    checkSecondDerivative(fn, [sample([4, 2], 1)]);
  });
});

describe("a foreign model", () => {
  const model: ForeignModel = {
    name: "resnet",
    bytes: new Uint8Array(),
    inputs: ["x"],
    outputs: [{ name: "y", shape: [2], dtype: "float32" }],
  };
  const x = input("x", { shape: [2], dtype: "float32" });
  const y = node("call", [x], { model, output: 0 }, { shape: [2], dtype: "float32" });

  test("refuses to be differentiated, unless the gradient is stopped in front of it or behind it", () => {
    expect(() => grad(sum(y), x)).toThrow('the foreign model "resnet"');
    expect(() => grad(sum(mul(stopGradient(y), x)), x)).not.toThrow();
    const stopped = node("call", [stopGradient(x)], { model, output: 0 }, { shape: [2], dtype: "float32" });
    expect(() => grad(sum(mul(stopped, x)), x)).toThrow("stopGradient");
  });

  test("is the same node for the same model, output and inputs, and cannot be interpreted", () => {
    const type = { shape: [2], dtype: "float32" } as const;
    expect(node("call", [x], { model, output: 0 }, type)).toBe(y);
    expect(node("call", [x], { model, output: 1 }, type)).not.toBe(y);
    expect(node("call", [x], { model: { ...model }, output: 0 }, type)).not.toBe(y);
    const c = constant(array([1, 2]));
    expect(() => interpret(() => node("call", [c], { model, output: 0 }, type))).toThrow("ONNX Runtime");
  });
});
