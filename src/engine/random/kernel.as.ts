// AssemblyScript, compiled to kernel.wasm.ts by scripts/build-wasm.mjs. Works in place on the start of its own memory.
// Every operation is IEEE or integer arithmetic in a fixed order, so results are the same bits on every platform;
// test/engine/random/twin.ts repeats them in TypeScript.

const UNIFORM_STEP: f32 = 1.0 / 16777216.0;
const RADIUS_STEP: f32 = 1.0 / 2147483648.0;
const ANGLE_STEP: f32 = 1.4629180792671596e-9; // 2 pi / 2^32

/** The high and low halves of a * b, lane by lane, are the odd and even words of the 64-bit products. */
function high(low64: v128, high64: v128): v128 {
  return v128.shuffle<i32>(low64, high64, 1, 3, 5, 7);
}

function low(low64: v128, high64: v128): v128 {
  return v128.shuffle<i32>(low64, high64, 0, 2, 4, 6);
}

/**
 * Philox4x32-10 [salmon2011] for counters (block + i, 0, stream0, stream1), four at a time: each group of 16 words
 * holds words 0 of its four blocks, then their words 1, 2 and 3.
 */
export function words(groups: i32, key0: i32, key1: i32, stream0: i32, stream1: i32, block: i32): void {
  const m0 = i32x4.splat(0xd2511f53);
  const m1 = i32x4.splat(0xcd9e8d57);
  let counter = i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3));
  const end = groups << 6;
  for (let at = 0; at < end; at += 64) {
    let c0 = counter;
    let c1 = i32x4.splat(0);
    let c2 = i32x4.splat(stream0);
    let c3 = i32x4.splat(stream1);
    let k0 = i32x4.splat(key0);
    let k1 = i32x4.splat(key1);
    for (let round = 0; round < 10; round++) {
      const a = i64x2.extmul_low_i32x4_u(c0, m0);
      const b = i64x2.extmul_high_i32x4_u(c0, m0);
      const c = i64x2.extmul_low_i32x4_u(c2, m1);
      const d = i64x2.extmul_high_i32x4_u(c2, m1);
      c0 = v128.xor(v128.xor(high(c, d), c1), k0);
      c1 = low(c, d);
      c2 = v128.xor(v128.xor(high(a, b), c3), k1);
      c3 = low(a, b);
      k0 = i32x4.add(k0, i32x4.splat(0x9e3779b9));
      k1 = i32x4.add(k1, i32x4.splat(0xbb67ae85));
    }
    v128.store(at, c0);
    v128.store(at, c1, 16);
    v128.store(at, c2, 32);
    v128.store(at, c3, 48);
    counter = i32x4.add(counter, i32x4.splat(4));
  }
}

/** Words to floats low + span u, u in [0, 1) on a grid of 2^-24, never above last. */
export function uniform(groups: i32, from: f32, span: f32, last: f32): void {
  const end = groups << 6;
  for (let at = 0; at < end; at += 16) {
    const grid = f32x4.convert_i32x4_s(i32x4.shr_u(v128.load(at), 8));
    const unit = f32x4.mul(grid, f32x4.splat(UNIFORM_STEP));
    const value = f32x4.add(f32x4.splat(from), f32x4.mul(f32x4.splat(span), unit));
    v128.store(at, f32x4.min(value, f32x4.splat(last)));
  }
}

/** sqrt(-2 ln u), u = (word >>> 1) 2^-31 + 2^-32, so at most 6.66; the polynomial of Cephes logf. */
function radius(word: v128): v128 {
  const grid = f32x4.convert_i32x4_s(i32x4.shr_u(word, 1));
  const u = f32x4.add(f32x4.mul(grid, f32x4.splat(RADIUS_STEP)), f32x4.splat(RADIUS_STEP / 2));
  const exponent = i32x4.shr_s(i32x4.sub(u, i32x4.splat(0x3f3504f3)), 23); // mantissa in [sqrt 0.5, sqrt 2)
  const e = f32x4.convert_i32x4_s(exponent);
  const f = f32x4.sub(i32x4.sub(u, i32x4.shl(exponent, 23)), f32x4.splat(1));
  const z = f32x4.mul(f, f);
  let p = f32x4.splat(7.0376836292e-2);
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.151461031e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.167699874e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(3.3333331174e-1));
  let y = f32x4.mul(f32x4.mul(p, f), z);
  y = f32x4.add(y, f32x4.mul(e, f32x4.splat(-2.1219444e-4)));
  y = f32x4.sub(y, f32x4.mul(z, f32x4.splat(0.5)));
  const ln = f32x4.add(f32x4.add(f, y), f32x4.mul(e, f32x4.splat(0.693359375)));
  return f32x4.sqrt(f32x4.mul(ln, f32x4.splat(-2)));
}

/** Pairs of four words to pairs of four normals by Box and Muller, mean + std r cos a and mean + std r sin a, a = 2 pi word / 2^32. */
export function normal(groups: i32, mean: f32, std: f32): void {
  const end = groups << 6;
  const m = f32x4.splat(mean);
  const s = f32x4.splat(std);
  const signBit = i32x4.splat(0x80000000);
  for (let at = 0; at < end; at += 32) {
    const r = radius(v128.load(at));
    // The top two bits of a are the quadrant, rounded to nearest; the rest is an angle in [-pi/4, pi/4).
    const a = i32x4.add(v128.load(at, 16), i32x4.splat(0x20000000));
    const rest = i32x4.sub(v128.and(a, i32x4.splat(0x3fffffff)), i32x4.splat(0x20000000));
    const angle = f32x4.mul(f32x4.convert_i32x4_s(rest), f32x4.splat(ANGLE_STEP));
    const z = f32x4.mul(angle, angle);
    let p = f32x4.splat(-1.9515295891e-4);
    p = f32x4.add(f32x4.mul(p, z), f32x4.splat(8.3321608736e-3));
    p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-1.6666654611e-1));
    const sin = f32x4.add(f32x4.mul(f32x4.mul(p, z), angle), angle);
    let q = f32x4.splat(2.443315711809948e-5);
    q = f32x4.add(f32x4.mul(q, z), f32x4.splat(-1.388731625493765e-3));
    q = f32x4.add(f32x4.mul(q, z), f32x4.splat(4.166664568298827e-2));
    q = f32x4.sub(f32x4.mul(f32x4.mul(q, z), z), f32x4.mul(z, f32x4.splat(0.5)));
    const cos = f32x4.add(q, f32x4.splat(1));
    const swapped = i32x4.shr_s(i32x4.shl(a, 1), 31);
    const cosSign = v128.and(v128.xor(a, i32x4.shl(a, 1)), signBit);
    const x = v128.xor(v128.bitselect(sin, cos, swapped), cosSign);
    const y = v128.xor(v128.bitselect(cos, sin, swapped), v128.and(a, signBit));
    v128.store(at, f32x4.add(m, f32x4.mul(s, f32x4.mul(r, x))));
    v128.store(at, f32x4.add(m, f32x4.mul(s, f32x4.mul(r, y))), 16);
  }
}
