import { describe, expect, test } from "vitest";
import { array, ndarray } from "../../../src/engine/array/index.ts";
import { decodeModel, importOnnx } from "../../../src/engine/onnx/index.ts";
import { key, normal } from "../../../src/engine/random/index.ts";
import { compile, exportLoop, type LoopExport, loadOnnx, spec } from "../../../src/engine/runtime/index.ts";
import { interpret, type Tensor } from "../../../src/engine/tensor/index.ts";

const params = { w: normal(key("w"), [3, 3]), v: normal(key("v"), [2, 3]) };
type Weights = { w: Tensor; v: Tensor };
const state = normal(key("state"), [4, 3]);
const told = normal(key("told"), [4, 2]);
const tables = (count: number) => ({
  scale: ndarray(
    Float32Array.from({ length: count }, (_, i) => 0.5 / (i + 1)),
    [count, 1],
  ),
  shift: normal(key("shift"), [count, 3]),
});
type Rows = { scale: Tensor; shift: Tensor };

const step = (p: Weights, x: Tensor, { scale, shift }: Rows, given: Tensor) =>
  x.add(x.matmul(p.w).add(given.matmul(p.v).exp()).tanh().add(shift).mul(scale));

const request = (count: number): LoopExport<Weights, ReturnType<typeof tables>, [Tensor]> => ({
  step: step as never,
  params: params as never,
  state: spec([4, 3]),
  tables: tables(count),
  signature: [spec([4, 2])],
  inputNames: ["x", "given"],
  outputName: "y",
});

/** The steps one after the other, in float64. */
function unrolled(count: number): Float64Array {
  const { scale, shift } = tables(count);
  const all = (p: Weights, x: Tensor, given: Tensor, s: Tensor, b: Tensor) => {
    let y = x;
    for (let i = 0; i < count; i++) {
      const row = (table: Tensor) =>
        table.slice({ axis: 0, start: i, stop: i + 1 }).reshape(table.shape.slice(1));
      y = step(p, y, { scale: row(s), shift: row(b) }, given);
    }
    return y;
  };
  return Float64Array.from(interpret(all, params as never, state, told, scale, shift).data);
}

describe("exportLoop", () => {
  test.each([1, 7])("gives the numbers of %i steps, run as they are", async (count) => {
    using model = await loadOnnx(exportLoop(request(count)));
    expect(model.inputs.map(({ name, shape }) => [name, shape])).toEqual([
      ["x", [4, 3]],
      ["given", [4, 2]],
    ]);
    const { y } = await model({ x: state, given: told });
    expect(y!.shape).toEqual([4, 3]);
    unrolled(count).forEach((value, i) => expect(y!.data[i]).toBeCloseTo(value, 5));
  });

  test("can be called inside another graph", async () => {
    const model = importOnnx(exportLoop(request(5)));
    const negated = (x: Tensor, given: Tensor) => model.call({ x: x.neg(), given }).y!.neg();
    using run = await compile(negated, [spec([4, 3]), spec([4, 2])]);
    const minus = ndarray(state.data.map((value) => -value) as Float32Array, [4, 3]);
    const { data } = await run(minus, told);
    unrolled(5).forEach((value, i) => expect(data[i]).toBeCloseTo(-value, 5));
  });

  test("holds one step: only the tables grow", () => {
    const [short, long] = [exportLoop(request(10)), exportLoop(request(1010))];
    const rowBytes = 4 * (1 + 3);
    expect(long.length - short.length).toBeGreaterThanOrEqual(1000 * rowBytes);
    expect(long.length - short.length).toBeLessThan(1000 * rowBytes + 32);
  });

  test("computes what does not change before the loop", () => {
    const { graph } = decodeModel(exportLoop(request(3)), "loop");
    const loop = graph.nodes.find(({ op }) => op === "Loop")!;
    const body = (loop.attributes!.body as { graph: typeof graph }).graph;
    expect(graph.nodes.map(({ op }) => op)).toContain("Exp");
    expect(body.nodes.map(({ op }) => op)).not.toContain("Exp");
    expect(body.nodes.map(({ op }) => op)).toContain("Tanh");
  });

  test("keeps names of the caller apart from names inside", async () => {
    using model = await loadOnnx(exportLoop({ ...request(2), inputNames: ["v0", "c0"], outputName: "v1" }));
    const { v1 } = await model({ v0: state, c0: told });
    unrolled(2).forEach((value, i) => expect(v1!.data[i]).toBeCloseTo(value, 5));
  });

  test("refuses tables of different lengths, another state and names of its own", () => {
    const uneven = { ...tables(3), shift: tables(4).shift };
    expect(() => exportLoop({ ...request(3), tables: uneven })).toThrow(/a row for each step, got \[3, 4\]/);
    const tall = ((_: Weights, x: Tensor) => x.reshape([3, 4])) as never;
    expect(() => exportLoop({ ...request(3), step: tall })).toThrow(/float32 \[4,3\], got float32 \[3,4\]/);
    expect(() => exportLoop({ ...request(3), outputName: "loop.after" })).toThrow(/"loop\."/);
    expect(() => exportLoop({ ...request(3), outputName: "x" })).toThrow(/x twice/);
    expect(() => exportLoop({ ...request(3), tables: { ...tables(3), scale: array([]) } })).toThrow("row");
  });
});
