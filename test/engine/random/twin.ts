import type { Key } from "../../../src/engine/random/index.ts";
import { philox } from "../../../src/engine/random/philox.ts";

/** kernel.as.ts again in plain TypeScript, one number at a time: the oracle for its bits. */
const f = Math.fround;
const add = (a: number, b: number) => f(a + b);
const mul = (a: number, b: number) => f(a * b);

export function wordsTwin({ words }: Key, count: number): Uint32Array {
  const groupCount = Math.ceil(count / 16);
  const result = new Uint32Array(groupCount * 16);
  for (let block = 0; block < groupCount * 4; block++) {
    const value = philox([block, 0, words[2], words[3]], [words[0], words[1]]);
    const at = 16 * Math.floor(block / 4) + (block % 4);
    for (let word = 0; word < 4; word++) result[at + 4 * word] = value[word]!;
  }
  return result.slice(0, count);
}

export function uniformTwin(word: number, { low, high }: { low: number; high: number }): number {
  const value = add(f(low), mul(f(high - low), f((word >>> 8) * 2 ** -24)));
  return value < f(high) ? value : floatBelow(f(high));
}

/** The largest float32 below `value`, by bisection over doubles. */
function floatBelow(value: number): number {
  let [low, high] = [value - Math.max(1, Math.abs(value)), value];
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (f(middle) < value) low = middle;
    else high = middle;
  }
  return f(low);
}

export function normalTwin(key: Key, count: number, { mean = 0, std = 1 } = {}): Float32Array {
  const words = wordsTwin(key, Math.ceil(count / 16) * 16);
  return Float32Array.from({ length: count }, (_, i) => {
    const [cos, sin] = unitCircle(words[i | 4]!);
    const radial = radiusTwin(words[i & ~4]!);
    return add(f(mean), mul(f(std), mul(radial, (i & 4) === 0 ? cos : sin)));
  });
}

export function radiusTwin(word: number): number {
  const u = add(mul(f(word >>> 1), 2 ** -31), 2 ** -32);
  const bits = new Int32Array(new Float32Array([u]).buffer)[0]!;
  const e = (bits - 0x3f3504f3) >> 23;
  const mantissa = new Float32Array(new Int32Array([bits - (e << 23)]).buffer)[0]!;
  const x = f(mantissa - 1);
  const z = mul(x, x);
  const p = horner(
    x,
    [
      7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
      2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
    ],
  );
  let y = mul(mul(p, x), z);
  y = add(y, mul(e, f(-2.1219444e-4)));
  y = f(y - mul(z, 0.5));
  return f(Math.sqrt(mul(add(add(x, y), mul(e, 0.693359375)), -2)));
}

/** (cos a, sin a) with a = 2 pi word / 2^32. */
export function unitCircle(word: number): [number, number] {
  const turned = (word + 0x20000000) >>> 0;
  const angle = mul(f((turned & 0x3fffffff) - 0x20000000), f((2 * Math.PI) / 2 ** 32));
  const z = mul(angle, angle);
  const sin = add(
    mul(mul(horner(z, [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]), z), angle),
    angle,
  );
  const q = horner(z, [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]);
  const cos = add(f(mul(mul(q, z), z) - mul(z, 0.5)), 1);
  const quadrants: [number, number][] = [
    [cos, sin],
    [-sin, cos],
    [-cos, -sin],
    [sin, -cos],
  ];
  return quadrants[turned >>> 30]!;
}

function horner(x: number, coefficients: readonly number[]): number {
  return coefficients.map(f).reduce((sum, coefficient) => add(mul(sum, x), coefficient));
}
