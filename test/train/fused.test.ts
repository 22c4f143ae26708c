import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { zeros } from "../../src/engine/array/index.ts";
import { adamW, allocatePlanes, fusedAdamW, kernelOn, layout, updateAverage } from "../../src/train/index.ts";
import { accumulateTwin, adamwEmaTwin, type Scalars, sumSquaresTwin, type Vectors } from "./twin.ts";

const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 1023, 1024, 4097];

/** A small generator with a seed: numbers in [-1, 1) of very different sizes. */
function numbers(size: number, seed: number): Float32Array {
  let word = seed * 2654435761 + 1;
  const next = () => (word = (Math.imul(word, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1;
  return Float32Array.from({ length: size }, () => next() * 10 ** (4 * next()));
}

/** Five vectors of `n` elements in one memory, the first at byte `start`, with `gap` elements of 7 around each. */
function place(n: number, start = 0) {
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 4 });
  new Float32Array(memory.buffer).fill(7);
  const kernel = kernelOn(memory);
  const pointers = [0, 1, 2, 3, 4].map((i) => start + 4 * i * (n + 3));
  const views = pointers.map((pointer) => new Float32Array(memory.buffer, pointer, n));
  const [p, gradient, m, v, ema] = views as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  p.set(numbers(n, 1));
  gradient.set(numbers(n, 2));
  m.set(numbers(n, 3));
  v.set(numbers(n, 4).map((x) => x * x));
  ema.set(numbers(n, 5));
  const outside = () => {
    const all = new Float32Array(memory.buffer.slice(0));
    for (const pointer of pointers) all.fill(7, pointer / 4, pointer / 4 + n);
    return all;
  };
  return { kernel, pointers, vectors: { p, gradient, m, v, ema }, outside };
}

const copy = (x: Vectors): Vectors => ({
  p: x.p.slice(),
  gradient: x.gradient.slice(),
  m: x.m.slice(),
  v: x.v.slice(),
  ema: x.ema.slice(),
});

const usual: Scalars = {
  gradScale: 0.37,
  lr: 3e-4,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weightDecay: 0.01,
  bias1: 1 - 0.9 ** 3,
  bias2: 1 - 0.999 ** 3,
  emaDecay: 0.9999,
};

function runKernel({ kernel, pointers }: ReturnType<typeof place>, n: number, s: Scalars): void {
  const [p, g, m, v, ema] = pointers as [number, number, number, number, number];
  const { gradScale, lr, beta1, beta2, eps, weightDecay, bias1, bias2, emaDecay } = s;
  kernel.adamwEma(p, g, m, v, ema, n, gradScale, lr, beta1, beta2, eps, weightDecay, bias1, bias2, emaDecay);
}

test("the embedded module is what its source compiles to", () => {
  execFileSync("node", ["scripts/build-wasm.mjs", "--check"], { stdio: "pipe" });
});

const variants = [
  { name: "with the average", ...usual },
  { name: "without the average", ...usual, emaDecay: -1 },
  { name: "with a copy for the average", ...usual, emaDecay: 0 },
  { name: "without weight decay", ...usual, weightDecay: 0, gradScale: 1, beta1: 0.5, beta2: 0.95 },
];

test.each(variants)("the kernel $name has the bits of its twin at every size and address", (scalars) => {
  for (const n of sizes) {
    for (const start of [0, 4, 12, 64]) {
      const placed = place(n, start);
      const expected = copy(placed.vectors);
      for (let step = 0; step < 3; step++) {
        runKernel(placed, n, scalars);
        adamwEmaTwin(expected, scalars);
      }
      expect(copy(placed.vectors)).toEqual(expected);
      expect(
        placed.outside().every((x) => x === 7),
        "wrote outside",
      ).toBe(true);
    }
  }
});

test.each(sizes)("sums of %i squares and scaled sums have the bits of their twins", (n) => {
  const { kernel, pointers, vectors, outside } = place(n, 4);
  const expected = vectors.p.slice();
  accumulateTwin(expected, vectors.gradient, 0.3);
  expect(kernel.sumSquares(pointers[1]!, n)).toBe(sumSquaresTwin(vectors.gradient));
  kernel.accumulate(pointers[0]!, pointers[1]!, n, 0.3);
  expect(vectors.p).toEqual(expected);
  expect(
    outside().every((x) => x === 7),
    "wrote outside",
  ).toBe(true);
});

test("a sum of squares is exact to float64, and finite for the largest floats", () => {
  const { kernel, pointers, vectors } = place(4097);
  let exact = 0;
  for (const x of numbers(4097, 2)) exact += x * x;
  expect(Math.abs(kernel.sumSquares(pointers[1]!, 4097) / exact - 1)).toBeLessThan(1e-13);
  vectors.gradient.fill(3.4e38);
  expect(kernel.sumSquares(pointers[1]!, 4097)).toBeLessThan(Infinity);
});

test.each([Number.NaN, Infinity, -Infinity])("a gradient of %d is seen wherever it is", (bad) => {
  for (const at of [0, 1, 4, 6, 7, 8, 9, 12]) {
    const { kernel, pointers, vectors } = place(13);
    vectors.gradient[at] = bad;
    const sum = kernel.sumSquares(pointers[1]!, 13);
    expect(Object.is(sum, bad * bad)).toBe(true);
  }
});

test.each([Number.NaN, Infinity])("a gradient of %d spoils its own element only", (bad) => {
  for (const at of [0, 3, 8, 10]) {
    const clean = place(11);
    runKernel(clean, 11, usual);
    const spoilt = place(11);
    spoilt.vectors.gradient[at] = bad;
    runKernel(spoilt, 11, usual);
    for (let i = 0; i < 11; i++) {
      const same = spoilt.vectors.p[i] === clean.vectors.p[i];
      expect(same, `element ${i}`).toBe(i !== at);
    }
    expect(spoilt.vectors.p[at]).toBeNaN();
    expect(spoilt.vectors.v[at]).toBe(bad);
  }
});

test("moments without a gradient decay to 0, not to subnormals", () => {
  const placed = place(5);
  placed.vectors.gradient.fill(0);
  placed.vectors.m.set([1e-3, -1e-3, 1, -1, 0]);
  for (let step = 0; step < 1000; step++) runKernel(placed, 5, { ...usual, beta2: 0.9 });
  expect([...placed.vectors.m].every((x) => x === 0)).toBe(true);
  expect([...placed.vectors.v].every((x) => x === 0)).toBe(true);
});

const model = {
  weight: zeros([64, 40]),
  bias: zeros([37]),
  head: { weight: zeros([3, 37]), scale: zeros([2050]) },
};

test("thirty steps over planes stay within float32 of adamW and updateAverage in float64", () => {
  const planes = allocatePlanes(layout(model));
  const { size, stretches, entries } = planes.layout;
  for (const entry of entries) planes.view("params", entry).set(numbers(entry.length, entry.offset + 1));
  const optimizer = adamW({ weightDecay: 0.1 });
  const fused = fusedAdamW(planes, { weightDecay: 0.1 });
  const params = Float64Array.from(planes.view("params"));
  const average = new Float64Array(size);
  const state = optimizer.init(params);
  const decayed = stretches.filter(({ decay }) => decay);
  for (let count = 0; count < 30; count++) {
    for (const entry of entries) {
      planes.view("gradient", entry).set(numbers(entry.length, count * 1e5 + entry.offset + 7));
    }
    const learningRate = 0.01 / (1 + count);
    const gradient = Float64Array.from(planes.view("gradient"), (g) => 0.5 * g);
    optimizer.step({ params, gradient, state, learningRate, decayed });
    updateAverage(average, { params, decay: count === 0 ? 0 : 0.9 });
    fused.step({ count, learningRate, gradScale: 0.5, emaDecay: count === 0 ? 0 : 0.9 });
  }
  expectNear(planes.view("params"), params);
  expectNear(planes.view("ema"), average);
  const inside = new Float64Array(size);
  for (const { offset, length } of entries) inside.fill(1, offset, offset + length);
  for (const plane of planes.names) {
    expect(
      planes.view(plane).every((x, i) => inside[i] === 1 || x === 0),
      `gaps of ${plane}`,
    ).toBe(true);
  }
});

function expectNear(got: Float32Array, want: Float64Array): void {
  const worst = want.reduce((max, x, i) => Math.max(max, Math.abs(got[i]! - x) / (1e-2 + Math.abs(x))), 0);
  expect(worst).toBeLessThan(2e-6);
  expect(want.some((x) => Math.abs(x) > 1)).toBe(true);
}

test("the gradient norm is that of all tensors, and an accumulated plane can take its place", () => {
  const planes = allocatePlanes(layout(model), ["params", "gradient", "m", "v", "ema", "sum"]);
  planes.view("gradient", planes.layout.tree.bias).set([3]);
  planes.view("gradient", planes.layout.tree.weight).set([0, 4]);
  expect(fusedAdamW(planes).gradientNorm()).toBe(5);
  const kernel = kernelOn(planes.memory);
  for (let i = 0; i < 2; i++) {
    kernel.accumulate(planes.pointer("sum"), planes.pointer("gradient"), planes.layout.size, 1);
  }
  expect(fusedAdamW(planes, { gradient: "sum" }).gradientNorm()).toBe(10);
});

test("without an average the plane is left alone", () => {
  const planes = allocatePlanes(layout(model));
  planes.view("ema").fill(2);
  planes.view("gradient").fill(1);
  fusedAdamW(planes).step({ count: 0, learningRate: 1 });
  expect(planes.view("ema").every((x) => x === 2)).toBe(true);
  expect(planes.view("params", planes.layout.tree.bias)[0]).toBeCloseTo(-1, 6);
});

test.each([
  ["epsilon", { epsilon: 0 }],
  ["beta2", { beta2: 1 }],
  ["weightDecay", { weightDecay: -1 }],
])("a bad %s is refused by name", (field, options) => {
  const act = () => fusedAdamW(allocatePlanes(layout(model)), options);
  expect(act).toThrow(expect.objectContaining({ kind: "option", message: expect.stringContaining(field) }));
});
