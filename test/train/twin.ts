/** kernel.as.ts again, in plain TypeScript: the same float32 operations in the same order. */

const f = Math.fround;
const tiny = 2 ** -120;
const lerp = (a: number, b: number, c: number) => f(a + f(c * f(b - a)));
const flush = (x: number) => (Math.abs(x) < tiny ? 0 : x);

export interface Vectors {
  readonly p: Float32Array;
  readonly gradient: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  readonly ema: Float32Array;
}

export interface Scalars {
  readonly gradScale: number;
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly bias1: number;
  readonly bias2: number;
  readonly emaDecay: number;
}

export function adamwEmaTwin({ p, gradient, m, v, ema }: Vectors, s: Scalars): void {
  const keep = f(1 - s.lr * s.weightDecay);
  const rate = f(s.lr / s.bias1);
  const toV = f(1 / Math.sqrt(s.bias2));
  for (let i = 0; i < p.length; i++) {
    const g = f(f(s.gradScale) * gradient[i]!);
    const m1 = flush(lerp(m[i]!, g, f(1 - s.beta1)));
    const v1 = flush(lerp(v[i]!, f(g * g), f(1 - s.beta2)));
    const scale = f(f(f(Math.sqrt(v1)) * toV) + f(s.eps));
    const p1 = f(f(p[i]! * keep) - f(rate * f(m1 / scale)));
    m[i] = m1;
    v[i] = v1;
    p[i] = p1;
    if (s.emaDecay > 0) ema[i] = lerp(ema[i]!, p1, f(1 - s.emaDecay));
    if (s.emaDecay === 0) ema[i] = p1;
  }
}

/** Eight running sums, element i mod 8 in sum i mod 8, then the rest one by one. */
export function sumSquaresTwin(x: Float32Array): number {
  const sums = new Float64Array(8);
  const whole = x.length - (x.length % 8);
  for (let i = 0; i < whole; i++) sums[i % 8]! += x[i]! * x[i]!;
  const half = (k: number) => sums[k]! + sums[k + 2]! + (sums[k + 4]! + sums[k + 6]!);
  let sum = half(0) + half(1);
  for (let i = whole; i < x.length; i++) sum += x[i]! * x[i]!;
  return sum;
}

export function accumulateTwin(sum: Float32Array, x: Float32Array, scale: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] = f(sum[i]! + f(f(scale) * x[i]!));
}
