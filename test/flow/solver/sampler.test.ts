import { describe, expect, test } from "vitest";
import { array, type NdArray, ndarray } from "../../../src/engine/array/index.ts";
import { importOnnx } from "../../../src/engine/onnx/index.ts";
import { key, normal } from "../../../src/engine/random/index.ts";
import { exportOnnx, type Spec, spec } from "../../../src/engine/runtime/index.ts";
import { interpret, mapTree, type Tensor } from "../../../src/engine/tensor/index.ts";
import { guide, type VelocityField } from "../../../src/flow/field/index.ts";
import {
  cosineGrid,
  euler,
  heun2,
  integrate,
  midpoint,
  rk4,
  sampler,
  uniformGrid,
} from "../../../src/flow/solver/index.ts";
import type { Params } from "../../../src/nn/index.ts";
import { modelNamed, numbersFor, paramsOf, type Told, toldSpecs } from "../../engine/onnx/golden-models.ts";

const bits = ({ data }: NdArray) => [...new Uint32Array(data.buffer, data.byteOffset, data.length)];

/** A network of the reference models as a problem of sampling. */
function problemOf(name: string) {
  const reference = modelNamed(name);
  return {
    field: (p: Params, told: Told) => (x: Tensor, t: Tensor) => reference.model.apply(p, x, t, told),
    params: paramsOf(reference) as never,
    event: reference.shape,
    condition: (batch: number) => toldSpecs(reference, batch) as never,
    told: (batch: number): Told =>
      mapTree(toldSpecs(reference, batch), (s: Spec, path) => numbersFor(s, key("told").fold(path))) as never,
  };
}

describe("one graph and one compiled step give the same bits", () => {
  const solvers = [euler, midpoint, heun2, rk4];
  const networks = ["mlp with condition", "residual mlp", "dit", "unet 1-d"];
  const cases = networks.flatMap((name) => solvers.map((solver) => ({ name, solver })));

  test.each(cases)("$name by $solver.name", async ({ name, solver }) => {
    const { told, ...problem } = problemOf(name);
    const common = { ...problem, times: cosineGrid(3), solver, sizes: [4] };
    using graph = sampler<Params, Told>({ ...common, way: "graph" });
    using steps = sampler<Params, Told>({ ...common, way: "steps" });
    const x0 = normal(key("x0"), [6, ...problem.event]);
    const whole = await graph(x0, told(6) as never);
    expect(bits(await steps(x0, told(6) as never))).toEqual(bits(whole));
    const path = await graph.trajectory(x0, told(6) as never);
    expect(path.shape).toEqual([4, 6, ...problem.event]);
    expect(bits(path).slice(-whole.data.length)).toEqual(bits(whole));
    expect(graph.nfe).toBe(3 * solver.stages);
  });
});

type Linear = { readonly a: Tensor };
const linear =
  ({ a }: Linear): VelocityField =>
  (x, t) =>
    x.matmul(a).add(t.reshape([-1, 1]).sin());
const a = normal(key("a"), [2, 2]);

test("draws what integrate draws, for any batch", async () => {
  const times = uniformGrid(12);
  using draw = sampler({ field: linear, params: { a }, event: [2], times, solver: heun2 });
  for (const batch of [1, 5, 700]) {
    const x0 = normal(key("x0"), [batch, 2]);
    const exact = interpret(
      (x: Tensor, m: Tensor) => integrate(linear({ a: m }), x, { times, solver: heun2 }).x,
      x0,
      a,
    );
    const got = await draw(x0);
    expect(got.shape).toEqual([batch, 2]);
    const worst = Math.max(...got.data.map((value, i) => Math.abs(value - exact.data[i]!)));
    expect(worst).toBeLessThan(1e-5);
  }
});

test("guides: wrappers of fields go inside, and conditions are cut like the batch", async () => {
  const field =
    ({ a: matrix }: Linear, label: Tensor): VelocityField =>
    (x, t) => {
      const toward =
        (shift: Tensor | number): VelocityField =>
        (y) =>
          y.matmul(matrix).add(shift);
      return guide({ conditional: toward(label), unconditional: toward(0), scale: 3 })(x, t);
    };
  const options = { field, params: { a }, event: [2], times: uniformGrid(4), solver: euler, sizes: [4] };
  const condition = (batch: number) => spec([batch, 2]);
  using graph = sampler<Linear, Tensor>({ ...options, condition });
  using steps = sampler<Linear, Tensor>({ ...options, condition, way: "steps" });
  const [x0, label] = [normal(key("x0"), [9, 2]), normal(key("label"), [9, 2])];
  const got = await graph(x0, label);
  expect(bits(await steps(x0, label))).toEqual(bits(got));
  const alone = await graph(...last(x0, label));
  expect([...alone.data]).toEqual([...got.data.slice(-2)].map((value) => expect.closeTo(value, 5)));
  const tripled = interpret(
    (x: Tensor, m: Tensor, l: Tensor) =>
      integrate((y) => y.matmul(m).add(l.mul(3)), x, { times: uniformGrid(4), solver: euler }).x,
    ...[x0, a, label],
  );
  tripled.data.forEach((value, i) => expect(got.data[i]).toBeCloseTo(value, 4));
});

const last = (...arrays: [NdArray, NdArray]) =>
  arrays.map(({ data }) => ndarray(data.slice(-2) as Float32Array, [1, 2])) as [NdArray, NdArray];

test("steps from anywhere, and says where the velocity points to", async () => {
  const field = (): VelocityField => (x) => x.mul(2);
  using draw = sampler({ field, params: {}, event: [1], times: uniformGrid(2), solver: euler });
  const { x, endpoint } = await draw.step({ x: array([[1], [3]]), t: 0.75, dt: -0.5 });
  expect([...x.data]).toEqual([0, 0]);
  expect([...endpoint.data]).toEqual([1.5, 4.5]);
});

describe("the rule", () => {
  const wide = { a: normal(key("wide"), [1000, 1000]) };
  const way = (field: (p: Linear) => VelocityField, steps: number) => {
    using draw = sampler({ field, params: wide, event: [1000], times: uniformGrid(steps), solver: euler });
    return draw.way;
  };
  const once =
    ({ a: w }: Linear): VelocityField =>
    (x) =>
      x.matmul(w);
  const twice =
    ({ a: w }: Linear): VelocityField =>
    (x) =>
      x.matmul(w).matmul(w);

  test("unrolls while all steps read at most 15 million weights", () => {
    expect(way(once, 15)).toBe("graph");
    expect(way(once, 16)).toBe("steps");
  });

  test("counts a network as often as the field calls it", () => {
    expect(way(twice, 7)).toBe("graph");
    expect(way(twice, 8)).toBe("steps");
  });

  test("counts the weights of a foreign model", () => {
    const bytes = exportOnnx({
      fn: (p: Linear, x: Tensor) => x.matmul(p.a),
      params: wide,
      signature: [spec([1, 1000])],
    });
    const model = importOnnx(bytes);
    const field = () => (x: Tensor) => model.call({ input0: x }).output!;
    expect(way(field, 14)).toBe("graph");
    expect(way(field, 16)).toBe("steps");
  });
});

test("refuses grids, samples and conditions that do not fit", async () => {
  const options = { field: linear, params: { a }, event: [2] };
  expect(() => sampler({ ...options, times: [0, 0] })).toThrow("sampler: expected two or more finite times");
  using draw = sampler({ ...options, times: uniformGrid(2) });
  await expect(draw(normal(key("x"), [4, 3]))).rejects.toThrow("float32 [batch, 2]");
  await expect(draw(array([[Number.NaN, 0]]))).rejects.toThrow("finite");
  await expect(draw.trajectory(array([1, 2]))).rejects.toThrow("float32 [batch, 2]");
});
