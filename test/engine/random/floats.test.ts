import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { AdvectError } from "../../../src/engine/error.ts";
import {
  fillNormal,
  fillUniform,
  key,
  normal,
  rademacher,
  uniform,
} from "../../../src/engine/random/index.ts";
import { kolmogorovSmirnov, mean, normalCdf } from "./statistics.ts";

const n = 1 << 20;
/** Exceeded with probability 1e-5. */
const smirnovLimit = 2.47;

test("the first numbers are what they were when this was written", () => {
  expect(Array.from(normal(key(1), [4]).data)).toEqual([
    -0.9192528128623962, 0.5694104433059692, -0.8595293760299683, -0.5344576835632324,
  ]);
  expect(Array.from(uniform(key(1), [4]).data)).toEqual([
    0.6336655020713806, 0.8082929849624634, 0.662857711315155, 0.8421207666397095,
  ]);
  expect(checksum(normal(key("checksum"), [100_000]).data)).toBe("922e412733af166c");
  expect(checksum(uniform(key("checksum"), [100_000], { low: -2, high: 5 }).data)).toBe("2c496cec96a125f3");
});

test.each([1, 2, 3])("uniforms from key %i are uniform", (seed) => {
  const { data } = uniform(key(seed), [n]);
  expect(kolmogorovSmirnov(data, (x) => x)).toBeLessThan(smirnovLimit);
  expect(data.every((u) => u >= 0 && u < 1)).toBe(true);
});

test.each([1, 2, 3])("normals from key %i are normal", (seed) => {
  const { data } = normal(key(seed), [n]);
  expect(kolmogorovSmirnov(data, normalCdf)).toBeLessThan(smirnovLimit);
  const moments = [0, 1, 0, 3, 0, 15];
  const variances = [1, 2, 15, 96, 945, 10_170]; // Var(x^k) = E x^2k - (E x^k)^2
  moments.forEach((moment, i) => {
    const score = (mean(data, i + 1) - moment) / Math.sqrt(variances[i]! / n);
    expect(Math.abs(score)).toBeLessThan(4.5);
  });
});

test("the tails are as heavy as they should be", () => {
  const out = new Float32Array(n);
  const beyond = [3, 4, 5].map((limit) => ({ limit, count: 0 }));
  for (let round = 0; round < 32; round++) {
    fillNormal(key("tails").fold(round), out);
    for (const tail of beyond) for (const x of out) if (Math.abs(x) > tail.limit) tail.count++;
  }
  for (const { limit, count } of beyond) {
    const expected = 32 * n * 2 * (1 - normalCdf(limit));
    expect(Math.abs(count - expected) / Math.sqrt(expected)).toBeLessThan(4.5);
  }
  expect(beyond[2]!.count).toBeGreaterThan(0);
});

test("sine and cosine of a pair are independent", () => {
  const { data } = normal(key(4), [n]);
  let [same, squares] = [0, 0];
  for (let i = 0; i < n; i += 8) {
    for (let j = i; j < i + 4; j++) {
      same += data[j]! * data[j + 4]!;
      squares += (data[j]! ** 2 - 1) * (data[j + 4]! ** 2 - 1);
    }
  }
  expect(Math.abs(same) / Math.sqrt(n / 2)).toBeLessThan(4.5);
  expect(Math.abs(squares) / Math.sqrt(4 * (n / 2))).toBeLessThan(4.5);
});

test("mean, std, low and high shift and scale", () => {
  const { data } = normal(key(1), [n], { mean: 5, std: 0.5 });
  expect(kolmogorovSmirnov(data, (x) => normalCdf((x - 5) / 0.5))).toBeLessThan(smirnovLimit);
  const flat = uniform(key(1), [n], { low: -3, high: -1 }).data;
  expect(kolmogorovSmirnov(flat, (x) => (x + 3) / 2)).toBeLessThan(smirnovLimit);
  expect(normal(key(1), [9], { mean: 2, std: 0 }).data.every((x) => x === 2)).toBe(true);
});

test("rounding never reaches high", () => {
  const { data } = uniform(key(1), [n], { low: 1, high: 1 + 2 ** -23 });
  expect(data.every((x) => x === 1)).toBe(true);
  expect(uniform(key(1), [n], { low: -1, high: 0 }).data.every((x) => x < 0)).toBe(true);
});

test.each([0, 1, 5, 16, 4095, 4096, 5000])("a draw of %i is a prefix of any longer one", (size) => {
  for (const draw of [normal, uniform, rademacher]) {
    expect(draw(key(9), [size]).data).toEqual(draw(key(9), [9000]).data.subarray(0, size));
  }
});

test("filling writes what drawing returns, wherever the array lies", () => {
  const memory = new Float32Array(1000).fill(7);
  fillNormal(key(2), memory.subarray(3, 900));
  expect(memory.subarray(3, 900)).toEqual(normal(key(2), [897]).data);
  fillUniform(key(2), memory.subarray(3, 900), { high: 2 });
  expect(memory.subarray(3, 900)).toEqual(uniform(key(2), [3, 299], { high: 2 }).data);
  expect([...memory.subarray(0, 3), ...memory.subarray(900)].every((x) => x === 7)).toBe(true);
});

test("rademacher gives as many -1 as 1", () => {
  const { data, shape, dtype } = rademacher(key(1), [1024, 1024]);
  expect([shape, dtype]).toEqual([[1024, 1024], "float32"]);
  expect(data.every((x) => x === 1 || x === -1)).toBe(true);
  expect(Math.abs(mean(data)) * 1024).toBeLessThan(4.5);
});

test("impossible options and shapes are refused", () => {
  const draws = [
    () => uniform(key(1), [3], { low: 1, high: 1 }),
    () => uniform(key(1), [3], { low: 2 }),
    () => uniform(key(1), [3], { low: 1, high: 1 + 1e-9 }),
    () => uniform(key(1), [3], { low: Number.NaN }),
    () => uniform(key(1), [3], { high: Infinity }),
    () => uniform(key(1), [3], { low: -3e38, high: 3e38 }),
    () => normal(key(1), [3], { std: -1 }),
    () => normal(key(1), [3], { mean: Number.NaN }),
    () => normal(key(1), [-3]),
    () => normal(key(1), [1.5]),
  ];
  for (const draw of draws) expect(draw).toThrow(AdvectError);
});

function checksum(data: Float32Array): string {
  return createHash("sha256").update(data).digest("hex").slice(0, 16);
}
