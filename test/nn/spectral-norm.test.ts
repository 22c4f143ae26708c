import { describe, expect, test } from "vitest";
import { asType, type NdArray } from "../../src/engine/array/index.ts";
import { key, normal } from "../../src/engine/random/index.ts";
import { constant, interpret, mapTree, type Tensor } from "../../src/engine/tensor/index.ts";
import {
  conv2d,
  initEach,
  linear,
  mlp,
  type ParamsOf,
  type SpectralParams,
  spectralNorm,
} from "../../src/nn/index.ts";
import { checkGradient } from "../helpers/gradcheck.ts";

const wide = mapFloat64(linear({ inputs: 7, outputs: 5 }).init(key("wide")));

/** The largest eigenvalue of A Aᵀ by Jacobi's rotations, to the root: no power iteration in it. */
function largestSingularValue({ shape, data }: NdArray): number {
  const rows = shape[0]!;
  const columns = data.length / rows;
  const a = Array.from({ length: rows }, (_, i) =>
    Array.from({ length: rows }, (_, j) => {
      let total = 0;
      for (let k = 0; k < columns; k++) total += data[i * columns + k]! * data[j * columns + k]!;
      return total;
    }),
  );
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < rows; p++) for (let q = p + 1; q < rows; q++) rotate(a, p, q);
  }
  return Math.sqrt(Math.max(...a.map((row, i) => row[i]!)));
}

/** Makes a_pq 0. */
function rotate(a: number[][], p: number, q: number): void {
  if (Math.abs(a[p]![q]!) < 1e-300) return;
  const theta = Math.atan2(2 * a[p]![q]!, a[q]![q]! - a[p]![p]!) / 2;
  const [c, s] = [Math.cos(theta), Math.sin(theta)];
  for (const row of a) [row[p], row[q]] = [c * row[p]! - s * row[q]!, s * row[p]! + c * row[q]!];
  const [first, second] = [a[p]!, a[q]!];
  a[p] = first.map((value, k) => c * value - s * second[k]!);
  a[q] = first.map((value, k) => s * value + c * second[k]!);
}

function mapFloat64<T>(tree: T): T {
  return mapTree(tree, (array: NdArray) => asType(array, "float64")) as T;
}

/** A network whose one weight can be seen. */
const seen = spectralNorm({
  init: () => ({ weight: wide.weight }),
  apply: ({ weight }: { weight: Tensor }, _x: Tensor) => weight,
});
type Seen = SpectralParams<{ weight: Tensor }>;

function converged(): { net: { weight: NdArray }; spectral: { weight: NdArray } } {
  let params = mapFloat64(seen.init(key("u"))) as { net: { weight: NdArray }; spectral: { weight: NdArray } };
  for (let i = 0; i < 300; i++) {
    params = { ...params, ...(interpret((p: Seen) => seen.next(p), params as never) as object) };
  }
  return params;
}

describe("spectral normalisation", () => {
  test("the helper's singular value is that of a diagonal, and of a rotated one", () => {
    const diagonal = { shape: [2, 3], dtype: "float64", data: Float64Array.of(3, 0, 0, 0, -5, 0) } as const;
    expect(largestSingularValue(diagonal)).toBeCloseTo(5, 12);
    const ones = { shape: [2, 2], dtype: "float64", data: Float64Array.of(1, 2, 3, 4) } as const;
    expect(largestSingularValue(ones)).toBeCloseTo(Math.sqrt(15 + Math.sqrt(221)), 12);
  });

  test("after a few hundred iterations the largest singular value of the weight is 1", () => {
    const params = converged();
    const weight = interpret(
      (p: Seen, x: Tensor) => seen.apply(p, x),
      params as never,
      wide.weight as never,
    ) as NdArray;
    expect(largestSingularValue(wide.weight)).not.toBeCloseTo(1, 2);
    expect(Math.abs(largestSingularValue(weight) - 1)).toBeLessThan(1e-10);
  });

  test("the first vectors are near enough for 1e-2, and unit", () => {
    const params = mapFloat64(seen.init(key("u")));
    const weight = interpret((p: Seen, x: Tensor) => seen.apply(p, x), params as never, wide.weight as never);
    expect(Math.abs(largestSingularValue(weight as NdArray) - 1)).toBeLessThan(1e-2);
    expect(Math.hypot(...(params.spectral as unknown as { weight: NdArray }).weight.data)).toBeCloseTo(1, 6);
  });

  test("its gradient is that of W / sigma(W), which finite differences see", () => {
    const { net, spectral } = converged();
    const error = checkGradient(
      (weight: Tensor) =>
        seen.apply(
          { net: { weight }, spectral: { weight: constant(spectral.weight, weight.dtype) } },
          weight,
        ),
      [net.weight] as never,
      { relative: 1e-5 },
    );
    expect(error).toBeLessThan(1e-5);
  });

  test("convolutions are matrices [outputs, rest], biases and chosen weights stay", () => {
    const layers = {
      conv: conv2d({ inputs: 2, outputs: 3, kernel: 3 }),
      last: linear({ inputs: 3, outputs: 2 }),
    };
    type P = ParamsOf<typeof layers>;
    const layer = {
      init: (k: ReturnType<typeof key>) => initEach(k, layers),
      apply: (params: P, x: Tensor) => layers.conv.apply(params.conv, x),
    };
    const all = spectralNorm(layer).init(key(0)) as unknown as { spectral: Record<string, NdArray> };
    expect(Object.entries(all.spectral).map(([path, { shape }]) => [path, ...shape])).toEqual([
      ["conv.weight", 3],
      ["last.weight", 2],
    ]);
    const one = spectralNorm(layer, { weights: ({ path }) => path === "conv.weight" });
    const params = one.init(key(0)) as unknown as { net: Record<string, never>; spectral: object };
    expect(Object.keys(params.spectral)).toEqual(["conv.weight"]);
    const x = normal(key("x"), [1, 2, 3, 3]);
    const y = interpret(
      (p: Parameters<typeof one.apply>[0], z: Tensor) => one.apply(p, z),
      params as never,
      x as never,
    );
    const plain = interpret((p: P, z: Tensor) => layer.apply(p, z), params.net as never, x as never);
    const { bias, weight } = (params.net as never as { conv: { bias: NdArray; weight: NdArray } }).conv;
    const sigma = largestSingularValue(weight);
    (y as NdArray).data.forEach((value, i) => {
      const expected = ((plain as NdArray).data[i]! - bias.data[i]!) / sigma + bias.data[i]!;
      expect(value).toBeCloseTo(expected, 2);
    });
  });

  test("no input of a linear layer is stretched", () => {
    const layer = spectralNorm(linear({ inputs: 7, outputs: 5, bias: false }));
    const x = normal(key("x"), [200, 7]);
    const y = interpret(
      (p: Parameters<typeof layer.apply>[0], z: Tensor) => layer.apply(p, z),
      layer.init(key("l")) as never,
      x as never,
    ) as NdArray;
    const length = (data: ArrayLike<number>, i: number, size: number) =>
      Math.hypot(...Array.from({ length: size }, (_, k) => data[i * size + k]!));
    const stretches = Array.from({ length: 200 }, (_, i) => length(y.data, i, 5) / length(x.data, i, 7));
    expect(Math.max(...stretches)).toBeLessThan(1.001);
    expect(Math.max(...stretches)).toBeGreaterThan(0.7);
  });

  test("a model keeps its name and its way of being called", () => {
    const model = spectralNorm(mlp({ size: 2, hidden: 16, depth: 2 }));
    expect(model.name).toBe("mlp");
    const params = model.init(key("model"));
    const [x, t] = [normal(key("x"), [4, 2]), normal(key("t"), [4])];
    const y = interpret(
      (p: Parameters<typeof model.apply>[0], a: Tensor, b: Tensor) => model.apply(p, a, b, undefined),
      params as never,
      x as never,
      t as never,
    ) as NdArray;
    expect(y.shape).toEqual([4, 2]);
    expect(y.data.every(Number.isFinite)).toBe(true);
  });

  test("weights of zeros are refused by name", () => {
    const layer = spectralNorm(linear({ inputs: 2, outputs: 2, start: "zeros" }));
    expect(() => layer.init(key(0))).toThrow(/zeros in weight\. Leave it out/);
  });
});
