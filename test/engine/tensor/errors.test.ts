import { describe, expect, test } from "vitest";
import { array } from "../../../src/engine/array/index.ts";
import { AdvectError, type ErrorKind } from "../../../src/engine/error.ts";
import * as T from "../../../src/engine/tensor/index.ts";

const float = (...shape: number[]) => T.input("x", { shape, dtype: "float32" });
const double = (...shape: number[]) => T.input("x", { shape, dtype: "float64" });
const int = (...shape: number[]) => T.input("i", { shape, dtype: "int32" });
const bool = (...shape: number[]) => T.input("b", { shape, dtype: "bool" });
const window: T.Window = { stride: [1], padding: [[0, 0]], dilation: [1], groups: 1 };
const x = float(2, 3);

type Case = readonly [call: () => unknown, kind: ErrorKind, where: string, ...says: string[]];

type Call = (...operands: readonly (T.Tensor | number)[]) => unknown;
const operations = (names: string): [name: string, call: Call][] => {
  const all: Readonly<Record<string, unknown>> = { ...T };
  return names.split(" ").map((name) => [name, all[name] as Call]);
};

const binary = "add sub mul div pow maximum minimum less lessEqual greater greaterEqual";
const reductions = "sum max min argMax argMin";
const functions = "exp log sqrt recip sin cos tanh sigmoid silu mish relu softplus erf floor";

const cases: Case[] = [
  ...operations(`${binary} equal`).flatMap(([name, call]): Case[] => [
    [() => call(x, float(4)), "shape", name, "[2,3] and [4]", "length 3 against 4", "expand or sum"],
    [() => call(x, double(3)), "option", name, "one dtype", "float32 and float64", "cast"],
    [() => call(x, array(1) as never), "option", name, "a Tensor or a number", "constant(array)"],
    [() => call(int(2), 0.5), "option", "constant", "whole numbers", "0.5"],
  ]),
  ...operations(`${binary} ${reductions} neg abs sign`).map(
    ([name, call]): Case => [
      () => (binary.split(" ").includes(name) ? call(bool(2), bool(2)) : call(bool(2))),
      "option",
      name,
      "numbers, got bool",
      "cast",
    ],
  ),
  ...operations(`${functions} mean variance softmax logSoftmax logSumExp norm`).map(
    ([name, call]): Case => [() => call(int(2)), "option", name, "a float tensor, got int32", "cast(x"],
  ),
  [() => T.and(x as never, bool(2)), "option", "and", "a bool tensor, got float32", "less(a, b)"],
  [() => T.or(bool(2), bool(3)), "shape", "or", "[2] and [3]"],
  [() => T.not(int(2)), "option", "not", "a bool tensor, got int32"],
  [() => T.where(x, 1, 2), "option", "where", "a bool tensor, got float32"],
  [() => T.where(bool(4), x, 2), "shape", "where", "[4] and [2,3]"],
  [() => T.where(bool(2), x, int(3)), "option", "where", "float32 and int32"],
  [() => T.filled([2.5], 1), "shape", "filled", "whole numbers >= 0, got [2.5]"],
  [() => T.input("x", { shape: [-1], dtype: "float32" }), "shape", "input", "[-1]"],
  [() => T.constant(array([1.5]), "int32"), "option", "constant", "whole numbers", "1.5"],
  [() => T.constant(2, "bool"), "option", "constant", "0 or 1", "got 2"],

  [() => T.reshape(x, [4]), "shape", "reshape", "6 elements for [2,3]", "-1"],
  [() => T.reshape(x, [-1, 4]), "shape", "reshape", "divide 6"],
  [() => T.reshape(x, [-1, -1]), "shape", "reshape", "at most one -1"],
  [() => T.reshape(x, [2.5, 2]), "shape", "reshape", "whole numbers"],
  [() => T.reshape(x, [Number.NaN]), "shape", "reshape", "NaN"],
  [() => T.transpose(x, [0]), "shape", "transpose", "the 2 axes of [2,3]", "[0]"],
  [() => T.transpose(x, [0, 0]), "shape", "transpose", "permutation"],
  [() => T.transpose(x, [0, 2]), "shape", "transpose", "[-2, 2)", "got 2"],
  [() => T.transpose(float(3)), "shape", "transpose", "at least two axes", "Give the permutation"],
  [() => T.moveAxis(x, 0, 2), "shape", "moveAxis", "got 2"],
  [() => T.expand(x, [3, 3]), "shape", "expand", "[2,3] and [3,3]"],
  [() => T.expand(x, [3]), "shape", "expand", "[2,3] stretches to", "[3]"],
  [() => T.expand(x, [2.5, 2, 3]), "shape", "expand", "whole numbers"],
  [() => T.expandDims(x, 4), "shape", "expandDims", "got 4"],
  [() => T.expandDims(x, [0, 0]), "shape", "expandDims", "at most once", "[0, 0]"],
  [() => T.squeeze(x, 0), "shape", "squeeze", "axes of length 1 of [2,3]"],
  [() => T.flip(x, 2), "shape", "flip", "got 2"],
  [() => T.repeat(x, -1, 0), "shape", "repeat", "[-1]"],
  [() => T.repeat(x, 2, 5), "shape", "repeat", "got 5"],
  [() => T.tile(x, [2]), "shape", "tile", "one count for each axis of [2,3]"],
  [() => T.tile(x, [2, 0.5]), "shape", "tile", "0.5"],
  [() => T.concat([]), "shape", "concat", "at least one tensor"],
  [() => T.concat([x, float(2, 4)]), "shape", "concat", "[2,3] but for axis 0", "[2,4]"],
  [() => T.concat([x, double(2, 3)]), "shape", "concat", "float64"],
  [() => T.concat([x], 2), "shape", "concat", "got 2"],
  [() => T.stack([]), "shape", "stack", "at least one tensor"],
  [() => T.stack([x, float(3)]), "shape", "stack", "float32 [2,3]", "float32 [3]"],
  [() => T.slice(x, { axis: 2 }), "shape", "slice", "got 2"],
  [
    () => T.slice(x, { axis: 1, stop: 4 }),
    "shape",
    "slice",
    "stop <= 3 and step >= 1 on axis 1 of [2,3]",
    "stop 4",
  ],
  [() => T.slice(x, { axis: 1, start: 2, stop: 1 }), "shape", "slice", "start 2, stop 1"],
  [() => T.slice(x, { axis: 1, step: 0 }), "shape", "slice", "step >= 1", "step 0"],
  [() => T.slice(x, { axis: 1, start: 0.5 }), "shape", "slice", "start 0.5"],
  [() => T.slice(x, [{ axis: 1 }, { axis: -1 }]), "shape", "slice", "at most once", "[1, -1]"],
  [() => T.split(x, [1, 1], 1), "shape", "split", "add up to 3 (axis 1 of [2,3])", "[1, 1]"],
  [() => T.split(x, 2, 1), "shape", "split", "got 2"],
  [() => T.split(x, -1, 1), "shape", "split", "got -1"],
  [() => T.split(x, [-1, 4], 1), "shape", "split", "[-1, 4]"],
  [() => T.split(x, 0), "shape", "split", "got 0"],
  [() => T.pad(x, [[0, 1]]), "shape", "pad", "each axis of [2,3]", "(0,1)"],
  [
    () =>
      T.pad(x, [
        [0, -1],
        [0, 0],
      ]),
    "shape",
    "pad",
    "(0,-1)",
    "Use slice",
  ],
  [
    () =>
      T.pad(
        x,
        [
          [0, 0],
          [0, 0],
        ],
        [0],
      ),
    "shape",
    "pad",
  ],

  [() => T.sum(x, { axes: 2 }), "shape", "sum", "[-2, 2) for shape [2,3]", "got 2"],
  [() => T.sum(x, { axes: [0, -2] }), "shape", "sum", "at most once", "[0, -2]"],
  [() => T.sum(x, { axes: 0.5 }), "shape", "sum", "got 0.5"],
  [() => T.mean(float(0)), "shape", "mean", "at least one element", "[0]"],
  [() => T.mean(x, { axes: -3 }), "shape", "mean", "got -3"],
  [() => T.max(float(2, 0)), "shape", "max", "at least one element", "[2, 0]"],
  [() => T.min(float(0)), "shape", "min", "at least one element"],
  [() => T.argMax(float(2, 0)), "shape", "argMax", "at least one element"],
  [() => T.argMin(x, 2), "shape", "argMin", "got 2"],
  [() => T.softmax(float()), "shape", "softmax", "for shape []"],
  [() => T.logSoftmax(x, 2), "shape", "logSoftmax", "got 2"],
  [() => T.logSumExp(float(0)), "shape", "logSumExp", "at least one element"],
  [() => T.variance(float(0)), "shape", "variance", "at least one element"],
  [() => T.norm(x, { axes: 3 }), "shape", "norm", "got 3"],
  [() => T.cumsum(x, 2), "shape", "cumsum", "got 2"],
  [() => T.cumsum(bool(2), 0), "option", "cumsum", "numbers, got bool"],
  [() => T.normalize(x, [], 1e-5), "option", "normalize", "at least one axis"],
  [() => T.normalize(x, 1, Number.NaN), "option", "normalize", "epsilon >= 0", "epsilon NaN"],
  [() => T.rstd(x, 1, -1), "option", "rstd", "epsilon -1"],
  [() => T.rstd(int(2), 0, 0), "option", "rstd", "a float tensor, got int32"],
  [() => T.normalize(float(2, 0), 1, 0), "shape", "normalize", "at least one element"],

  [() => T.take(x, float(1)), "option", "take", "int32 indices, got float32", "cast"],
  [() => T.take(x, int(1), 2), "shape", "take", "got 2"],
  [() => T.scatterAdd(int(2), x, { shape: [4] }), "shape", "scatterAdd", "updates of shape [2]", "[2, 3]"],
  [() => T.scatterAdd(float(2), x, { shape: [4] }), "option", "scatterAdd", "int32 indices"],
  [() => T.oneHot(x, 3), "option", "oneHot", "int32 indices, got float32"],
  [() => T.oneHot(int(2), 2.5), "shape", "oneHot", "[2.5]"],
  [() => T.arange(-1), "shape", "arange", "[-1]"],

  [() => T.matmul(x, float(2, 4)), "shape", "matmul", "[2,3] and float32 [2,4]", "are 3 and 2"],
  [() => T.matmul(x, double(3, 4)), "shape", "matmul", "one dtype", "float64"],
  [() => T.matmul(x, float(4, 2), { transposeB: true }), "shape", "matmul", "b transposed", "are 3 and 2"],
  [() => T.matmul(float(), x), "shape", "matmul", "none"],
  [() => T.matmul(float(2, 2, 3), float(4, 3, 5)), "shape", "matmul", "[2] and [4]"],
  [() => T.matmul(float(2), float(3)), "shape", "matmul", "are 2 and 3"],
  [() => T.outer(x, float(2)), "shape", "outer", "two vectors", "[2,3] and [2]"],
  [() => T.dot(x, float(2)), "shape", "dot", "last axes of one length", "[2,3] and [2]"],
  [() => T.conv(float(2, 5), float(3, 2, 1), window), "option", "conv", "0 spatial axes"],
  [
    () => T.conv(float(2, 5, 4), float(3, 2, 3), window),
    "shape",
    "conv",
    "channels / groups",
    "x [2,5,4], w [3,2,3]",
  ],
  [() => T.conv(float(2, 5, 4), float(3, 2, 2), { ...window, groups: 2 }), "shape", "conv", "groups 2"],
  [() => T.conv(float(2, 1, 4), float(3, 2, 4), window), "shape", "conv", "the kernel's, [2]", "Add padding"],
  [() => T.conv(float(2, 5, 4), float(3, 2, 4), { ...window, stride: [0] }), "option", "conv", "stride [0]"],
  [
    () => T.conv(float(2, 5, 4), float(3, 2, 4), { ...window, dilation: [1, 1] }),
    "option",
    "conv",
    "dilation [1,1]",
  ],
  [
    () => T.conv(float(2, 5, 4), float(3, 2, 4), { ...window, padding: [[-1, 0]] }),
    "option",
    "conv",
    "(-1,0)",
  ],
  [
    () => T.conv(float(2, 5, 4), float(3, 2, 4), { ...window, groups: Number.NaN }),
    "option",
    "conv",
    "groups NaN",
  ],
  [() => T.conv(float(2, 5, 4), double(3, 2, 4), window), "option", "conv", "float32 and float64"],
  [
    () => T.convTranspose(float(2, 3, 3), float(3, 2, 4), { window, spatial: [5] }),
    "shape",
    "convTranspose",
    "[2,4,3]",
    "got [2, 3, 3]",
  ],
  [
    () => T.convWeight(float(2, 5, 4), float(2, 3, 3), { window, kernel: [2] }),
    "shape",
    "convWeight",
    "[2,4,3]",
  ],
  [
    () => T.convWeight(float(2, 5, 3), float(2, 4, 2), { window: { ...window, groups: 2 }, kernel: [2] }),
    "shape",
    "convWeight",
    "whole numbers",
  ],

  [() => T.einsum("ij,jk", x, x), "option", "einsum", "->"],
  [() => T.einsum("ij->ij", x, x), "option", "einsum", "each of 2 operands"],
  [() => T.einsum("ii->i", x), "option", "einsum", "distinct letters", '"ii->i"'],
  [() => T.einsum("ij->ii", x), "option", "einsum", "distinct letters"],
  [() => T.einsum("ij->k", x), "option", "einsum", "letters of theirs"],
  [() => T.einsum("i->i", x), "shape", "einsum", '"i" of "i->i"', "[2,3]"],
  [
    () => T.einsum("ij,jk->ik", x, x),
    "shape",
    "einsum",
    "each letter one length",
    '[2,3] where {"i":2,"j":3}',
  ],

  [() => T.grad(x, x), "shape", "grad", "a scalar float loss", "float32 [2,3]", "sum or mean"],
  [() => T.grad(int(), x), "shape", "grad", "int32 []"],
  [
    () => T.vjp({ outputs: [x], cotangents: [float(2)], wrt: [] }),
    "shape",
    "vjp",
    "float32 of shape [2,3]",
    "[2]",
  ],
  [() => T.vjp({ outputs: [x], cotangents: [double(2, 3)], wrt: [] }), "shape", "vjp", "got float64 [2,3]"],
  [
    () => T.vjp({ outputs: [x], cotangents: [], wrt: [] }),
    "shape",
    "vjp",
    "got none",
    "one cotangent for each",
  ],
  [
    () => T.jvp({ outputs: [x], wrt: [x], tangents: [float(2)] }),
    "shape",
    "jvp",
    "[2,3]",
    "one tangent for each",
  ],
  [() => T.divergence(x, float(2, 4)), "shape", "divergence", "float32 [2,3] and x float32 [2,4]"],
  [() => T.divergence(float(), float()), "shape", "divergence", "[batch, ...event]"],
  [() => T.divergence(x, double(2, 3)), "shape", "divergence", "x float64 [2,3]"],
  [() => T.hutchinson(x, x, float(2, 3)), "shape", "hutchinson", "[count, 2,3]", "got float32 [2,3]"],
  [() => T.hutchinson(x, x, float(0, 2, 3)), "shape", "hutchinson", "[0,2,3]"],
  [() => T.hutchinson(x, x, double(1, 2, 3)), "shape", "hutchinson", "float64"],
];

describe("a wrong call is refused where it is made", () => {
  const named = cases.map(([call, kind, where, ...says]) => ({
    call,
    kind,
    where,
    says,
    text: says.join(" ... "),
  }));

  test.each(named)("$where tells: $text", ({ call, kind, where, says }) => {
    const error = thrown(call);
    expect(error).toBeInstanceOf(AdvectError);
    expect({ kind: error.kind, where: error.where }).toEqual({ kind, where });
    for (const words of says) expect(error.message).toContain(words);
  });

  test("and every operation that can go wrong is among them", () => {
    const infallible = new Set(
      "mishGate opaque ancestors declarations interpret interpretGraph is isConstant isFloat leaves mapTree namedLeaves withLeaves node uniformValue Tensor cast stopGradient clip convOutput flopsOf sameShape sumTo untranspose valueAndGrad".split(
        " ",
      ),
    );
    const covered = new Set(cases.map(([, , where]) => where));
    const left = Object.keys(T).filter((name) => !infallible.has(name) && !covered.has(name));
    expect(left).toEqual([]);
  });
});

function thrown(call: () => unknown): AdvectError {
  try {
    call();
  } catch (error) {
    return error as AdvectError;
  }
  throw new Error("nothing was thrown");
}
