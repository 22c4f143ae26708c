import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NdArray } from "../../../src/engine/array/index.ts";
import { rewriteGraph } from "../../../src/engine/onnx/rewrite.ts";
import type { Tensor, Window } from "../../../src/engine/tensor/index.ts";
import * as t from "../../../src/engine/tensor/index.ts";
import { type Case, expectAgreement, labelOf, numbers, seeds } from "./lower-cases.ts";

interface Geometry {
  readonly batch: number;
  readonly channels: number;
  readonly outputs: number;
  readonly spatial: readonly number[];
  readonly kernel: readonly number[];
  readonly window: Window;
}

const between = (min: number, max: number) => fc.integer({ min, max });

const axis = fc
  .record({
    kernel: between(1, 4),
    stride: between(1, 3),
    dilation: between(1, 2),
    padding: fc.tuple(between(0, 3), between(0, 3)),
    extra: between(0, 4),
  })
  .map((drawn) => {
    const reach = (drawn.kernel - 1) * drawn.dilation + 1;
    const least = Math.max(1, reach - drawn.padding[0] - drawn.padding[1]);
    return { ...drawn, length: least + drawn.extra };
  });

/** Any convolution of one to three axes: odd lengths, overlapping or skipping steps, uneven padding, groups. */
const geometries: fc.Arbitrary<Geometry> = fc
  .record({
    axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
    batch: between(1, 3),
    groups: between(1, 3),
    channels: between(1, 3),
    outputs: between(1, 3),
  })
  .map(({ axes, batch, groups, channels, outputs }) => ({
    batch,
    channels: channels * groups,
    outputs: outputs * groups,
    spatial: axes.map(({ length }) => length),
    kernel: axes.map(({ kernel }) => kernel),
    window: {
      stride: axes.map(({ stride }) => stride),
      padding: axes.map(({ padding }) => padding),
      dilation: axes.map(({ dilation }) => dilation),
      groups,
    },
  }));

type Kind = "conv" | "convTranspose" | "convWeight";

function convolution(kind: Kind, geometry: Geometry, seed = 1): Case {
  const { batch, channels, outputs, spatial, kernel, window } = geometry;
  const x = [batch, ...spatial, channels];
  const w = [outputs, ...kernel, channels / window.groups];
  const y = [batch, ...t.convOutput(spatial, kernel, window), outputs];
  const operands = { conv: [x, w], convTranspose: [y, w], convWeight: [x, y] }[kind];
  const fns = {
    conv: (a: Tensor, b: Tensor) => t.conv(a, b, window),
    convTranspose: (a: Tensor, b: Tensor) => t.convTranspose(a, b, { window, spatial }),
    convWeight: (a: Tensor, b: Tensor) => t.convWeight(a, b, { window, kernel }),
  };
  const inputs = operands.map((shape, i) => numbers(shape, { range: [-1, 1], seed: seed + i }));
  const entry = { label: `${kind} ${JSON.stringify(geometry)}`, fn: fns[kind], inputs };
  return Object.assign(entry, { [fc.toStringMethod]: () => labelOf(entry) });
}

/** The rewritten graph's operations, after checking that in float64 it computes what the primitive does. */
function rewrittenOps({ fn, inputs, label }: Case): Record<string, number> {
  const placeholders = inputs.map(({ shape }) => t.input("x", { shape, dtype: "float64" }));
  const feeds = new Map<Tensor, NdArray>(placeholders.map((tensor, i) => [tensor, inputs[i]!]));
  const y = fn(...placeholders);
  const became = rewriteGraph([y]).get(y)!;
  const [expected, got] = t.interpretGraph([y, became], feeds) as [NdArray, NdArray];
  expect(got.shape, label).toEqual(expected.shape);
  const scale = Math.max(1, ...expected.data);
  const error = Math.max(...Float64Array.from(expected.data, (value, i) => Math.abs(value - got.data[i]!)));
  expect(error, label).toBeLessThan(1e-12 * scale);
  const counts: Record<string, number> = {};
  for (const { op } of t.ancestors([became])) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}

const kinds: Kind[] = ["conv", "convTranspose", "convWeight"];

describe.each(kinds)("%s", (kind) => {
  const cases = fc.tuple(geometries, seeds).map(([geometry, seed]) => convolution(kind, geometry, seed));

  test("becomes gathers and products that mean the same, whatever its geometry", () => {
    fc.assert(
      fc.property(cases, (entry) => {
        const ops = Object.keys(rewrittenOps(entry));
        expect(ops.some((op) => op.startsWith("conv"))).toBe(false);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  test("compiled, is the primitive but for rounding", async () => {
    const many = fc.array(cases, { minLength: 10, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(many, (list) => expectAgreement(list)),
      { numRuns: 5, seed: 2 },
    );
  });
});

const plain = (axes: number): Window => ({
  stride: Array<number>(axes).fill(1),
  padding: Array.from({ length: axes }, () => [1, 1] as const),
  dilation: Array<number>(axes).fill(1),
  groups: 1,
});

const pointwise: Window = { stride: [1], padding: [[0, 0]], dilation: [1], groups: 1 };

test.each(kinds)("%s with a kernel of one tap is a product without a gather", (kind) => {
  const geometry = { batch: 2, channels: 3, outputs: 4, spatial: [5], kernel: [1], window: pointwise };
  const ops = rewrittenOps(convolution(kind, geometry));
  expect(ops).toMatchObject({ matmul: 1 });
  expect(ops).not.toHaveProperty("gather");
});

/** Large maps whose column matrices do not stay in the cache; few channels on the other side keep the interpreter quick. */
const large: { kind: Kind; channels: number; outputs: number }[] = [
  { kind: "conv", channels: 64, outputs: 1 },
  { kind: "convTranspose", channels: 1, outputs: 64 },
];

test.each(large)("$kind of a large map is done in pieces", async ({ kind, channels, outputs }) => {
  const geometry = { batch: 1, channels, outputs, spatial: [99, 101], kernel: [3, 3], window: plain(2) };
  const entry = convolution(kind, geometry);
  expect(rewrittenOps(entry).matmul).toBeGreaterThan(2);
  await expectAgreement([entry]);
});

test.each([
  { name: "even count of rows", spatial: [96, 90] },
  { name: "odd count of rows", spatial: [97, 91] },
])("the gradient in the kernel for a large map shifts both operands: $name", async ({ spatial }) => {
  const window = { ...plain(2), padding: [[2, 1], [1, 0]], dilation: [2, 1] } as Window; // biome-ignore format: one line
  const geometry = { batch: 1, channels: 64, outputs: 1, spatial, kernel: [3, 3], window };
  const entry = convolution("convWeight", geometry);
  expect(rewrittenOps(entry)).toMatchObject({ gather: 2 });
  await expectAgreement([entry]);
});

test("a convolution and its gradients share the columns of x", () => {
  const window = plain(1);
  const x = t.input("x", { shape: [2, 8, 3], dtype: "float64" });
  const w = t.input("w", { shape: [4, 3, 3], dtype: "float64" });
  const y = t.conv(x, w, window);
  const outputs = [y, t.grad(t.sum(t.mul(y, y)), w)];
  const became = rewriteGraph(outputs);
  const gathers = t
    .ancestors(outputs.map((output) => became.get(output)!))
    .filter(({ op }) => op === "gather");
  expect(gathers).toHaveLength(1);
});

test("mish is written in operations that do not overflow", async () => {
  const x = numbers([200], { range: [-200, 200] });
  const y = t.mish(t.input("x", { shape: [200], dtype: "float64" }));
  expect(t.ancestors([rewriteGraph([y]).get(y)!]).map(({ op }) => op)).not.toContain("mish");
  const slope = (z: Tensor) => t.grad(t.sum(t.mish(z)), z);
  await expectAgreement([
    { label: "mish", fn: t.mish, inputs: [x] },
    { label: "its gradient", fn: slope, inputs: [x] },
  ]);
});
