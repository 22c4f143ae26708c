import fc from "fast-check";
import { expect, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import { batched, compile, devices, exportOnnx, loadOnnx, spec } from "../../../src/engine/runtime/index.ts";
import { grad, mul, sum, type Tensor } from "../../../src/engine/tensor/index.ts";
import { activations } from "../../../src/nn/index.ts";
import { type Case, expectAgreement, numbers } from "../onnx/lower-cases.ts";
import { primitives } from "../onnx/lower-primitives.ts";

const device = "wasm";

test("wasm is offered in Node.js", async () => {
  expect(await devices()).toContain(device);
});

test.each(["float32", "int32", "bool"] as const)("every primitive of %s runs on wasm", async (dtype) => {
  const cases = Object.values(primitives)
    .filter(({ dtypes }) => dtypes.includes(dtype))
    .flatMap((primitive) => fc.sample(primitive.cases(dtype), { numRuns: 3, seed: 1 }));
  expect(cases.length).toBeGreaterThan(30);
  await expectAgreement(cases, { device });
});

test("every activation and its gradient run on wasm", async () => {
  const entries = Object.entries(activations) as [string, (x: Tensor) => Tensor][];
  const cases = entries.flatMap(([label, fn]): Case[] => {
    const slope = (x: Tensor) => grad(sum(mul(fn(x), fn(x))), x);
    const inputs = [numbers([40])];
    return [
      { label, fn, inputs },
      { label: `gradient of ${label}`, fn: slope, inputs },
    ];
  });
  await expectAgreement(cases, { device });
});

test("results are fresh, and can be written into arrays of the caller", async () => {
  using run = await compile((x: Tensor) => x.mul(2), [spec([2])], { device });
  const x = ndarray(Float32Array.of(1, 2), [2]);
  const first = await run(x);
  await run(ndarray(Float32Array.of(5, 6), [2]));
  expect([...first.data]).toEqual([2, 4]);
  await run.into(first, ndarray(Float32Array.of(7, 8), [2]));
  expect([...first.data]).toEqual([14, 16]);
});

test("a function disposed of while it runs finishes, and then refuses", async () => {
  const run = await compile((x: Tensor) => x.mul(2), [spec([2])], { device });
  const x = ndarray(Float32Array.of(1, 2), [2]);
  const pending = [run(x), run(x)];
  run[Symbol.dispose]();
  for (const { data } of await Promise.all(pending)) expect([...data]).toEqual([2, 4]);
  await expect(run(x)).rejects.toThrow("got one that was disposed");
});

test("parallel calls of more batch sizes than are kept all get their results", async () => {
  const options = { sizes: [1, 2, 4], capacity: 1, device } as const;
  using run = batched(
    (x: Tensor) => x.mul(2),
    (batch) => [spec([batch])],
    options,
  );
  const counts = [1, 2, 3, 4, 2, 1, 7];
  const results = await Promise.all(counts.map((count) => run(numbers([count], { range: [1, 1] }))));
  expect(results.map(({ data }) => [...data])).toEqual(counts.map((count) => Array(count).fill(2)));
});

test("an exported file loads on wasm with its names", async () => {
  const fn = (_: object, x: Tensor) => ({ y: x.exp() });
  using model = await loadOnnx(exportOnnx({ fn, params: {}, signature: [spec([2])], inputNames: ["x"] }), {
    device,
  });
  expect([model.device, model.inputs, model.outputs]).toEqual([
    device,
    [{ name: "x", dtype: "float32", shape: [2] }],
    [{ name: "y", dtype: "float32", shape: [2] }],
  ]);
  expect((await model({ x: ndarray(Float32Array.of(0, 1), [2]) })).y!.data[0]).toBe(1);
});
