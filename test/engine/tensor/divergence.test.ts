import { describe, expect, test } from "vitest";
import { array, type NdArray, ndarray } from "../../../src/engine/array/index.ts";
import {
  constant,
  divergence,
  filled,
  hutchinson,
  input,
  interpret,
  matmul,
  sin,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import { checkGradient, sample } from "../../helpers/gradcheck.ts";
import { expectClose, indicesOf, sizeOf } from "./reference.ts";

const batch = 3;
const events = [[3], [2, 2], [2, 1, 2]];

/** A field that mixes all elements of an event and no samples: sin(x A) * x + x B. */
function field(x: Tensor): Tensor {
  const size = sizeOf(x.shape.slice(1));
  const flat = x.reshape([x.shape[0]!, size]);
  const times = (seed: number) => matmul(flat, constant(sample([size, size], seed)));
  return sin(times(5)).mul(flat).add(times(6)).reshape(x.shape);
}

/** The trace of each sample's Jacobian, by central differences of the field itself. */
function numericDivergence(x: NdArray<"float64">): NdArray<"float64"> {
  const size = x.data.length / batch;
  const moved = (i: number, h: number) => {
    const data = x.data.slice();
    data[i] = data[i]! + h;
    return interpret(field, ndarray(data, x.shape, "float64")).data[i]!;
  };
  const totals = new Float64Array(batch);
  x.data.forEach((_, i) => {
    totals[Math.floor(i / size)]! += (moved(i, 1e-5) - moved(i, -1e-5)) / 2e-5;
  });
  return ndarray(totals, [batch], "float64");
}

describe.each(events.map((event) => ({ event })))("of events of shape $event", ({ event }) => {
  const shape = [batch, ...event];
  const x = sample(shape, 2);

  test("divergence is the trace of the Jacobian of each sample", () => {
    const exact = interpret((t: Tensor) => divergence(field(t), t), x);
    expectClose(exact, numericDivergence(x), 8);
  });

  test("divergence can be differentiated, as likelihood training does", () => {
    checkGradient((t: Tensor) => divergence(field(t), t), [x]);
  });

  test("hutchinson is exact in the mean over all sign vectors", () => {
    const size = sizeOf(shape) / batch;
    const signs = indicesOf(new Array<number>(size).fill(2)).map((bits) => bits.map((bit) => 2 * bit - 1));
    const data = Float64Array.from(
      signs.flatMap((probe) => Array.from({ length: batch }, () => probe).flat()),
    );
    const probes = ndarray(data, [signs.length, ...shape], "float64");
    const [exact, estimate] = interpret(
      (t: Tensor, p: Tensor) => [divergence(field(t), t), hutchinson(field(t), t, p)] as const,
      x,
      probes,
    );
    expectClose(estimate, exact, 10);
  });
});

test("hutchinson with one probe is probe^T J probe", () => {
  const matrix = array(
    [
      [2, 1],
      [-3, 5],
    ],
    "float64",
  );
  const estimate = (probe: number[]) =>
    interpret(
      (t: Tensor, p: Tensor) => hutchinson(matmul(t, constant(matrix)), t, p),
      sample([1, 2], 1),
      array([[probe]], "float64"),
    ).data[0];
  expect(estimate([1, 1])).toBeCloseTo(5, 12);
  expect(estimate([1, -1])).toBeCloseTo(9, 12);
  expect(estimate([2, 0])).toBeCloseTo(8, 12);
});

test("the divergence of a constant field, and of events without elements, is 0", () => {
  const of = (v: (x: Tensor) => Tensor, x: NdArray) => [
    ...interpret((t: Tensor) => divergence(v(t), t), x).data,
  ];
  expect(of((x) => filled(x.shape, 4, "float64"), sample([2, 3], 1))).toEqual([0, 0]);
  expect(of((x) => x.mul(x), sample([2, 0], 1))).toEqual([0, 0]);
  expect(
    divergence(
      input("x", { shape: [0, 2], dtype: "float32" }),
      input("x", { shape: [0, 2], dtype: "float32" }),
    ).shape,
  ).toEqual([0]);
});
