import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { fillNormal, fillUniform, key } from "../../../src/engine/random/index.ts";
import { fillWords } from "../../../src/engine/random/kernel.ts";
import { normalTwin, radiusTwin, uniformTwin, unitCircle, wordsTwin } from "./twin.ts";

const sizes = [0, 1, 3, 4, 5, 15, 16, 17, 4095, 4096, 4097, 9001, 100_003];

test("the embedded module is what its source compiles to", () => {
  execFileSync("node", ["scripts/build-wasm.mjs", "--check"], { stdio: "pipe" });
});

test.each(sizes)("%i words are those of Philox, block by block", (size) => {
  const words = new Uint32Array(size);
  fillWords(key("words").fold(size), words);
  expect(bytesEqual(words, wordsTwin(key("words").fold(size), size))).toBe(true);
});

test.each(sizes)("%i normals have the bits of the plain TypeScript twin", (size) => {
  const numbers = new Float32Array(size);
  const options = size % 2 ? {} : { mean: -3.7, std: 12.25 };
  fillNormal(key("normal").fold(size), numbers, options);
  expect(bytesEqual(numbers, normalTwin(key("normal").fold(size), size, options))).toBe(true);
});

test.each([
  { low: 0, high: 1 },
  { low: 1, high: 2 },
  { low: -1e30, high: 3 },
  { low: -3, high: 0 },
  { low: 1, high: 1 + 2 ** -22 },
])("uniforms in [$low, $high) have the bits of the twin", (range) => {
  const numbers = new Float32Array(20_001);
  fillUniform(key("uniform"), numbers, range);
  const expected = Float32Array.from(wordsTwin(key("uniform"), 20_001), (word) => uniformTwin(word, range));
  expect(bytesEqual(numbers, expected)).toBe(true);
});

test("radius and angle are accurate to float32 over all words, tails included", () => {
  for (const word of [0, 1, 2, 3, 7, 100, 2 ** 16, 2 ** 31, 2 ** 32 - 1, ...wordsTwin(key(3), 20_000)]) {
    const u = Math.fround(Math.fround(word >>> 1) * 2 ** -31 + 2 ** -32);
    const exact = Math.sqrt(-2 * Math.log(u));
    expect(Math.abs(radiusTwin(word) - exact)).toBeLessThanOrEqual(3e-7 * exact);
    const [cos, sin] = unitCircle(word);
    const angle = (2 * Math.PI * word) / 2 ** 32;
    expect(Math.abs(cos - Math.cos(angle)) + Math.abs(sin - Math.sin(angle))).toBeLessThan(2e-7);
  }
});

test("the extreme words give finite normals beyond 6 standard deviations", () => {
  expect(radiusTwin(0)).toBeCloseTo(Math.sqrt(64 * Math.LN2), 5);
  expect(radiusTwin(2 ** 32 - 1)).toBeCloseTo(0, 9);
});

function bytesEqual(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const view = (x: ArrayBufferView) => Buffer.from(x.buffer, x.byteOffset, x.byteLength);
  return view(a).equals(view(b));
}
