import { describe, expect, test } from "vitest";
import { array } from "../../../src/engine/array/index.ts";
import { emitModel } from "../../../src/engine/onnx/index.ts";
import { compile, spec } from "../../../src/engine/runtime/index.ts";
import type { Tensor } from "../../../src/engine/tensor/index.ts";
import * as t from "../../../src/engine/tensor/index.ts";
import { emitted, histogram, outputsOf, standard } from "./emitted.ts";
import { expectAgreement, numbers } from "./lower-cases.ts";

interface Peephole {
  readonly name: string;
  readonly fn: (...xs: Tensor[]) => Tensor;
  readonly shapes: readonly (readonly number[])[];
  readonly ops: Record<string, number>;
}

const squares = (x: Tensor) => t.mul(x, x);
const halves = (x: Tensor) => t.split(x, 2, -1) as [Tensor, Tensor];
const unevenParts = (x: Tensor) => t.split(x, [1, 3, 2], 1);

const peepholes: Peephole[] = [
  {
    name: "a bias is part of its product",
    fn: (x, w, b) => t.add(t.matmul(x, w), b),
    shapes: [[4, 3], [3, 5], [5]], // biome-ignore format: one line
    ops: { Gemm: 1 },
  },
  {
    name: "a bias on the left is too",
    fn: (x, w, b) => t.add(b, t.matmul(x, w, { transposeB: true })),
    shapes: [[4, 3], [5, 3], [5]], // biome-ignore format: one line
    ops: { Gemm: 1 },
  },
  {
    name: "a residual is part of its product",
    fn: (x, w) => t.add(t.matmul(x, w), x),
    shapes: [[4, 3], [3, 3]], // biome-ignore format: one line
    ops: { Gemm: 1 },
  },
  {
    name: "of two products that are added, one takes the other",
    fn: (x, w) => t.add(t.matmul(x, w), t.matmul(x, w, { transposeB: true })),
    shapes: [[4, 3], [3, 3]], // biome-ignore format: one line
    ops: { Gemm: 2 },
  },
  {
    name: "a bias is part of a product whose rows are split",
    fn: (x, w, b) => t.add(t.matmul(x, w), b),
    shapes: [[2, 4, 3], [3, 5], [5]], // biome-ignore format: one line
    ops: { Gemm: 1, Reshape: 2 },
  },
  {
    name: "a residual is part of a product whose rows are split",
    fn: (x, w, r) => t.add(t.matmul(x, w), r),
    shapes: [[2, 4, 3], [3, 5], [2, 4, 5]], // biome-ignore format: one line
    ops: { Gemm: 1, Reshape: 3 },
  },
  {
    name: "a bias is part of each of two stacked products",
    fn: (x, w, b) => t.add(t.concat([t.matmul(x, w), t.matmul(squares(x), w)], 0), b),
    shapes: [[4, 3], [3, 5], [5]], // biome-ignore format: one line
    ops: { Gemm: 2, Concat: 1, Mul: 1 },
  },
  {
    name: "a column cannot be part of a product",
    fn: (x, w, c) => t.add(t.matmul(x, w), c),
    shapes: [[4, 3], [3, 5], [4, 1]], // biome-ignore format: one line
    ops: { Gemm: 1, Add: 1 },
  },
  {
    name: "a product that something else needs stays whole",
    fn: (x, w, b) => t.mul(t.add(t.matmul(x, w), b), t.matmul(x, w)),
    shapes: [[4, 3], [3, 5], [5]], // biome-ignore format: one line
    ops: { Gemm: 1, Add: 1, Mul: 1 },
  },
  {
    name: "a sum divided by its count is a mean",
    fn: (x) => t.mean(x, { axes: [0, 2], keepDims: true }),
    shapes: [[2, 3, 4]],
    ops: { ReduceMean: 1 },
  },
  {
    name: "a sum divided by something else is not",
    fn: (x) => t.div(t.sum(x, { axes: 1, keepDims: true }), 7),
    shapes: [[2, 3]],
    ops: { ReduceSum: 1, Mul: 1 },
  },
  {
    name: "the scale of attention is part of its product",
    fn: (q, k) => t.mul(t.matmul(q, k, { transposeB: true }), 0.5),
    shapes: [[2, 4, 3], [2, 5, 3]], // biome-ignore format: one line
    ops: { FusedMatMul: 1 },
  },
  {
    name: "transposed operands of a batched product are too",
    fn: (a, b) => t.matmul(a, b, { transposeA: true }),
    shapes: [[2, 3, 4], [2, 3, 5]], // biome-ignore format: one line
    ops: { FusedMatMul: 1 },
  },
  { name: "a silu alone is one operation", fn: (x) => t.silu(x), shapes: [[5]], ops: { QuickGelu: 1 } },
  {
    name: "a silu whose gradient is needed shares its sigmoid",
    fn: (x) => t.add(t.silu(x), t.grad(t.sum(t.silu(x)), x)),
    shapes: [[5]],
    ops: { Sigmoid: 1, Mul: 2, Add: 2, Sub: 1 },
  },
  {
    name: "slices that tile an axis are one split",
    fn: (x) => t.add(...halves(x)),
    shapes: [[3, 8]],
    ops: { Split: 1, Add: 1 },
  },
  {
    name: "uneven slices are too",
    fn: (x) => t.concat(unevenParts(x).reverse(), 1),
    shapes: [[2, 6]],
    ops: { Split: 1, Concat: 1 },
  },
  {
    name: "slices that leave a gap are not",
    fn: (x) => t.add(t.slice(x, { axis: 0, stop: 2 }), t.slice(x, { axis: 0, start: 3 })),
    shapes: [[5, 2]],
    ops: { Slice: 2, Add: 1 },
  },
  {
    name: "a sum drops its axes itself",
    fn: (x) => t.sum(x, { axes: [1] }),
    shapes: [[2, 3, 4]],
    ops: { ReduceSum: 1 },
  },
  {
    name: "a large sum over all but the last axis takes two steps",
    fn: (x) => t.sum(x, { axes: [0, 1], keepDims: true }),
    shapes: [[20, 30, 10]],
    ops: { Reshape: 2, ReduceSum: 2 },
  },
  {
    name: "the gradient of a bias takes two steps and one reshape",
    fn: (x) => t.sum(x, { axes: 0 }),
    shapes: [[640, 9]],
    ops: { Reshape: 1, ReduceSum: 2 },
  },
  {
    name: "a sum of an odd number of rows takes one step",
    fn: (x) => t.sum(x, { axes: 0 }),
    shapes: [[641, 9]],
    ops: { ReduceSum: 1 },
  },
  {
    name: "a small sum takes one step",
    fn: (x) => t.sum(x, { axes: 0 }),
    shapes: [[64, 9]],
    ops: { ReduceSum: 1 },
  },
  {
    name: "what a normalisation and its gradient need is computed once",
    fn: (x) => t.add(t.normalize(x, -1, 1e-5), t.rstd(x, -1, 1e-5)),
    shapes: [[3, 8]],
    ops: { LayerNormalization: 1, Add: 1 },
  },
  {
    name: "a normalisation over leading axes moves them to the end and back",
    fn: (x) => t.add(t.normalize(x, [0, 2], 1e-5), t.rstd(x, [0, 2], 1e-5)),
    shapes: [[8, 3, 2]],
    ops: { Transpose: 3, LayerNormalization: 1, Add: 1 },
  },
  {
    name: "zeros are a literal",
    fn: (x) => t.concat([x, t.filled([2, 800], 0)], 0),
    shapes: [[1, 800]],
    ops: { Concat: 1 },
  },
  {
    name: "another expanded number is not",
    fn: (x) => t.concat([x, t.filled([2, 800], 7)], 0),
    shapes: [[1, 800]],
    ops: { Concat: 1, Expand: 1 },
  },
  {
    name: "equal expressions are computed once",
    fn: (x) => t.add(t.exp(t.neg(x)), t.sqrt(t.exp(t.neg(x)))),
    shapes: [[4]],
    ops: { Neg: 1, Exp: 1, Sqrt: 1, Add: 1 },
  },
];

describe("emitModel", () => {
  test.each(peepholes)("$name", ({ fn, shapes, ops }) => {
    expect(histogram(emitted(fn, shapes))).toEqual(ops);
  });

  test("fuses without changing a result", async () => {
    const cases = peepholes.map(({ name, fn, shapes }) => ({
      label: name,
      fn,
      inputs: shapes.map((shape, i) => numbers(shape, { seed: i + 1 })),
    }));
    await expectAgreement(cases);
    for (const entry of cases) await expectAgreement([entry]);
  });

  test("uses com.microsoft only where it is allowed", () => {
    const fused = peepholes.filter(({ ops }) => "FusedMatMul" in ops || "QuickGelu" in ops);
    expect(fused.length).toBeGreaterThan(2);
    for (const { fn, shapes } of fused) {
      expect(emitted(fn, shapes).opsets).toHaveProperty(["com.microsoft"]);
      const model = emitted(fn, shapes, standard);
      expect(model.opsets).toEqual({ "": expect.any(Number) });
      expect(model.graph.nodes.map(({ domain }) => domain)).toEqual(model.graph.nodes.map(() => ""));
    }
  });

  test("joins and splits no more than maxJoin at a time", async () => {
    const limited = { ...standard, maxJoin: 3 };
    const fn = (...xs: Tensor[]) => t.concat(xs.map(squares), 1);
    const shapes = Array.from({ length: 10 }, (_, i) => [2, i + 1]);
    const model = emitted(fn, shapes, limited);
    const joins = model.graph.nodes.filter(({ op }) => op === "Concat");
    expect(Math.max(...joins.map(({ inputs }) => inputs.length))).toBeLessThanOrEqual(3);
    expect(histogram(emitted((x) => t.concat(t.split(x, 6).reverse()), [[6]], limited))).toMatchObject({
      Slice: 6,
    });
  });

  test("gives equal graphs equal models", () => {
    const fn = (x: Tensor) => t.softmax(t.matmul(x, t.transpose(x)));
    expect(emitted(fn, [[3, 4]])).toEqual(emitted(fn, [[3, 4]]));
  });

  test("keeps inputs that nothing reads, and drops what no output needs", () => {
    const model = emitted((x) => t.exp(x), [[2], [3]]);
    expect(model.graph.inputs.map(({ name, shape }) => [name, shape])).toEqual([
      ["0", [2]],
      ["1", [3]],
    ]);
    expect(histogram(model)).toEqual({ Exp: 1 });
    expect(model.graph.initializers).toEqual([]);
  });

  test("refuses an input of another trace", () => {
    const stranger = t.input("stranger", spec([2]));
    const x = t.input("x", spec([2]));
    const outputs = outputsOf([t.add(x, stranger)]);
    const request = { name: "test", inputs: new Map([["x", x]]), outputs, options: standard };
    expect(() => emitModel(request)).toThrow(/every input of the graph to be listed, got "stranger"/);
  });

  test("names each output, also one value twice, an input, a constant and a stopped gradient", async () => {
    const values = array([1.5, -2]);
    const fn = (x: Tensor, y: Tensor) => {
      const sum = t.add(x, y);
      const still = t.stopGradient(sum);
      return [
        sum,
        sum,
        x,
        x,
        t.constant(array([7, 8])),
        t.filled([2], 3),
        still,
        t.exp(sum),
        t.stopGradient(y),
      ];
    };
    using run = await compile(fn, [spec([2]), spec([2])]);
    const results = await run(values, array([0.5, 2]));
    expect(results.map(({ data }) => [...data])).toEqual([
      [2, 0],
      [2, 0],
      [1.5, -2],
      [1.5, -2],
      [7, 8],
      [3, 3],
      [2, 0],
      [Math.fround(Math.exp(2)), 1],
      [0.5, 2],
    ]);
  });
});
