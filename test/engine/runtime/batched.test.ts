import { expect, test, vi } from "vitest";
import { array, type NdArray, ndarray } from "../../../src/engine/array/index.ts";
import { type BatchedOptions, batched, random, spec } from "../../../src/engine/runtime/index.ts";
import type { Draw, Tensor } from "../../../src/engine/tensor/index.ts";
import * as t from "../../../src/engine/tensor/index.ts";

const rowsOf = (count: number) =>
  ndarray(
    Float32Array.from({ length: count * 2 }, (_, i) => i),
    [count, 2],
  );

interface Weights {
  readonly w: Tensor;
}

const product = (x: Tensor, { w }: Weights, label: Tensor) => ({
  y: t.matmul(x, w),
  nested: [t.add(label, 100)],
});
const weights = { w: array([[1, 0, 1], [0, 1, 1]]) }; // biome-ignore format: one line
const signature = (batch: number) => [spec([batch, 2]), { w: spec([2, 3]) }, spec([batch], "int32")] as const;
const labelsOf = (count: number) => array(Array.from({ length: count }, (_, i) => i), "int32"); // biome-ignore format: one line

/** The function, and the sizes it has been compiled for, in order. */
function watched(options: BatchedOptions) {
  const traced: number[] = [];
  const fn = (x: Tensor, w: Weights, label: Tensor) => {
    traced.push(x.shape[0]!);
    return product(x, w, label);
  };
  return { traced, run: batched(fn, signature, options) };
}

test("any batch size gives every row its own result", async () => {
  const { run } = watched({ sizes: [4, 1, 16] });
  using _ = run;
  for (const count of [1, 2, 4, 5, 16, 17, 20, 33]) {
    const { y, nested } = await run(rowsOf(count), weights, labelsOf(count));
    expect([y.shape, nested[0]!.shape, nested[0]!.dtype]).toEqual([[count, 3], [count], "int32"]);
    const expected = Array.from({ length: count }, (_, i) => [2 * i, 2 * i + 1, 4 * i + 1]).flat();
    expect([...y.data]).toEqual(expected);
    expect([...nested[0]!.data]).toEqual(Array.from({ length: count }, (_, i) => 100 + i));
  }
});

test("each size is compiled when it is first needed, once", async () => {
  const { run, traced } = watched({ sizes: [8, 2] });
  using _ = run;
  const call = (count: number) => run(rowsOf(count), weights, labelsOf(count));
  await call(2);
  expect(traced).toEqual([2]);
  await Promise.all([call(8), call(7), call(16)]);
  await call(9);
  expect(traced).toEqual([2, 8]);
});

test("padding repeats the last row, so that nothing new enters the function", async () => {
  using run = batched(
    (x: Tensor) => t.recip(x),
    (batch) => [spec([batch])],
    { sizes: [8] },
  );
  expect([...(await run(array([2, 4]))).data]).toEqual([0.5, 0.25]);
});

test("beyond its capacity the size unused longest is disposed of, and compiled again when needed", async () => {
  const { run, traced } = watched({ sizes: [1, 2, 4], capacity: 2 });
  using _ = run;
  for (const count of [1, 2, 1, 4, 1, 2]) await run(rowsOf(count), weights, labelsOf(count));
  expect(traced).toEqual([1, 2, 4, 2]);
});

test("parallel calls of more sizes than are kept all get their results", async () => {
  const { run } = watched({ sizes: [1, 2, 4], capacity: 1 });
  using _ = run;
  const counts = [1, 2, 3, 4, 2, 1, 7];
  const results = await Promise.all(counts.map((count) => run(rowsOf(count), weights, labelsOf(count))));
  expect(results.map(({ y }) => y.shape[0])).toEqual(counts);
});

test("a disposed function is not compiled anew", async () => {
  const { run, traced } = watched({ sizes: [1] });
  await run(rowsOf(1), weights, labelsOf(1));
  run[Symbol.dispose]();
  await expect(run(rowsOf(1), weights, labelsOf(1))).rejects.toMatchObject({
    kind: "option",
    message: "batched function: expected a function in use, got one that was disposed.",
  });
  expect(traced).toEqual([1]);
});

test("a function that cannot be compiled fails in the call alone, also when it is disposed of", async () => {
  const unhandled = vi.fn();
  process.on("unhandledRejection", unhandled);
  const run = batched(
    (x: Tensor) => t.matmul(x, x),
    (batch) => [spec([batch, 2])],
    { sizes: [3] },
  );
  await expect(run(rowsOf(3))).rejects.toMatchObject({ kind: "shape", where: "matmul" });
  run[Symbol.dispose]();
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.off("unhandledRejection", unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

test("arguments must have one batch size, and results a row for each row", async () => {
  const { run } = watched({ sizes: [4] });
  using _ = run;
  await expect(run(rowsOf(3), weights, labelsOf(2))).rejects.toThrow(
    "batched function: expected one batch size > 0 in all arguments, got [3, 2]",
  );
  await expect(run(rowsOf(0), weights, labelsOf(0))).rejects.toMatchObject({ kind: "shape" });
  const wide: NdArray = ndarray(new Float32Array(6), [2, 3]);
  await expect(run(wide, weights, labelsOf(2))).rejects.toThrow("argument 0 to be float32 [4,2]");
  using total = batched(
    (x: Tensor) => t.sum(x),
    (batch) => [spec([batch, 2])],
    { sizes: [4] },
  );
  await expect(total(rowsOf(2))).rejects.toThrow(
    "expected results whose first axis is the batch, 4 here, got []",
  );
});

test("its options are checked", () => {
  const double = (x: Tensor) => x.mul(2);
  const specs = (batch: number) => [spec([batch])] as const;
  for (const sizes of [[], [0], [2.5]])
    expect(() => batched(double, specs, { sizes })).toThrow("at least one batch size, all whole numbers > 0");
  expect(() => batched(double, specs, { sizes: [1], capacity: 0 })).toThrow(
    "a capacity of at least 1, got 0",
  );
  expect(() => batched(double, () => [spec([3])], { sizes: [1] })).toThrow("depends on the batch");
  const noisy = (draw: Draw) => draw.normal("a", [1]);
  expect(() => batched(noisy, () => [random], { sizes: [1] })).toThrow("without random arguments");
});
