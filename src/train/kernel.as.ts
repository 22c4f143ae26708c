// AssemblyScript, compiled to kernel.wasm.ts by scripts/build-wasm.mjs. Works on the memory of its owner: pointers are
// byte offsets of float32 arrays, n counts elements, any alignment is allowed and nothing else is touched.
// Every operation is IEEE arithmetic in a fixed order; test/train/twin.ts repeats it in TypeScript.

const TINY: f32 = 7.52316384526264e-37; // 2^-120

/** a + c (b - a): keeps a where b = a, and loses nothing to the rounding of 1 - c. */
function lerp(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(a, f32x4.mul(c, f32x4.sub(b, a)));
}

/**
 * x, or 0 where |x| < 2^-120. Without it the moments of a parameter whose gradient stays 0 (a dead unit, an unused
 * embedding) end as subnormals, which never decay to 0 and make this pass two to three times slower.
 */
function flush(x: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), f32x4.splat(TINY)));
}

/** sum x_i^2 with every product and sum in float64: finite if and only if all x_i are. */
export function sumSquares(x: usize, n: usize): f64 {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  const end = x + (n << 2);
  for (; end - x >= 32; x += 32) {
    const a = f64x2.promote_low_f32x4(v128.load_zero<f64>(x));
    const b = f64x2.promote_low_f32x4(v128.load_zero<f64>(x, 8));
    const c = f64x2.promote_low_f32x4(v128.load_zero<f64>(x, 16));
    const d = f64x2.promote_low_f32x4(v128.load_zero<f64>(x, 24));
    s0 = f64x2.add(s0, f64x2.mul(a, a));
    s1 = f64x2.add(s1, f64x2.mul(b, b));
    s2 = f64x2.add(s2, f64x2.mul(c, c));
    s3 = f64x2.add(s3, f64x2.mul(d, d));
  }
  const s = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  let sum = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
  for (; x < end; x += 4) {
    const rest = <f64>load<f32>(x);
    sum += rest * rest;
  }
  return sum;
}

/** sum_i += scale x_i. */
export function accumulate(sum: usize, x: usize, n: usize, scale: f64): void {
  const s = f32x4.splat(<f32>scale);
  const end = sum + (n << 2);
  for (; end - sum >= 16; sum += 16, x += 16) {
    v128.store(sum, f32x4.add(v128.load(sum), f32x4.mul(s, v128.load(x))));
  }
  for (; sum < end; sum += 4, x += 4) {
    store<f32>(sum, load<f32>(sum) + <f32>scale * load<f32>(x));
  }
}

/** keep p - rate m / (sqrt(v) toV + eps). */
function descend(p: v128, m: v128, v: v128, keep: v128, rate: v128, toV: v128, eps: v128): v128 {
  const scale = f32x4.add(f32x4.mul(f32x4.sqrt(v), toV), eps);
  return f32x4.sub(f32x4.mul(p, keep), f32x4.mul(rate, f32x4.div(m, scale)));
}

/**
 * One step of AdamW [loshchilov2019] and of the average of p, in one pass over memory:
 *   g = gradScale gradient; m += (1 - beta1) (g - m); v += (1 - beta2) (g^2 - v);
 *   p = (1 - lr weightDecay) p - lr / bias1 m / (sqrt(v / bias2) + eps); ema += (1 - emaDecay) (p - ema).
 * bias_i = 1 - beta_i^step. With emaDecay < 0 `ema` is not touched, with 0 it becomes p exactly.
 * Scalars are computed in float64 and rounded once.
 */
export function adamwEma(
  p: usize,
  gradient: usize,
  m: usize,
  v: usize,
  ema: usize,
  n: usize,
  gradScale: f64,
  lr: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  weightDecay: f64,
  bias1: f64,
  bias2: f64,
  emaDecay: f64,
): void {
  const gs = f32x4.splat(<f32>gradScale);
  const c1 = f32x4.splat(<f32>(1 - beta1));
  const c2 = f32x4.splat(<f32>(1 - beta2));
  const keep = f32x4.splat(<f32>(1 - lr * weightDecay));
  const rate = f32x4.splat(<f32>(lr / bias1));
  const toV = f32x4.splat(<f32>(1 / sqrt(bias2)));
  const e = f32x4.splat(<f32>eps);
  const ce = f32x4.splat(<f32>(1 - emaDecay));
  const average = emaDecay > 0;
  const end = n << 2;
  let i: usize = 0;
  for (; end - i >= 16; i += 16) {
    const g = f32x4.mul(gs, v128.load(gradient + i));
    const m1 = flush(lerp(v128.load(m + i), g, c1));
    const v1 = flush(lerp(v128.load(v + i), f32x4.mul(g, g), c2));
    const p1 = descend(v128.load(p + i), m1, v1, keep, rate, toV, e);
    v128.store(m + i, m1);
    v128.store(v + i, v1);
    v128.store(p + i, p1);
    if (average) v128.store(ema + i, lerp(v128.load(ema + i), p1, ce));
  }
  // The last n mod 4 elements, each in lane 0 of the same arithmetic.
  for (; i < end; i += 4) {
    const g = f32x4.mul(gs, v128.load_zero<f32>(gradient + i));
    const m1 = flush(lerp(v128.load_zero<f32>(m + i), g, c1));
    const v1 = flush(lerp(v128.load_zero<f32>(v + i), f32x4.mul(g, g), c2));
    const p1 = descend(v128.load_zero<f32>(p + i), m1, v1, keep, rate, toV, e);
    v128.store_lane<f32>(m + i, m1, 0);
    v128.store_lane<f32>(v + i, v1, 0);
    v128.store_lane<f32>(p + i, p1, 0);
    if (average) v128.store_lane<f32>(ema + i, lerp(v128.load_zero<f32>(ema + i), p1, ce), 0);
  }
  if (emaDecay === 0) memory.copy(ema, p, n << 2);
}
