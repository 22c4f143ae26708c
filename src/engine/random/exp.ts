const ln2High = 0.6931471803691238; // the leading bits of ln 2: k * ln2High is exact for |k| < 2^20
const ln2Low = 1.9082149292705877e-10;
const terms = 14;

/**
 * e^x for x <= 0, the same bits on every platform, which Math.exp does not promise; within 1e-15 relative, and 0 below
 * -708 instead of subnormal numbers. x = k ln 2 + r with |r| <= ln 2 / 2, and the Taylor series of e^r by Horner.
 */
export function exp(x: number): number {
  if (x < -708) return 0;
  const k = Math.round(x * Math.LOG2E);
  const r = x - k * ln2High - k * ln2Low;
  let sum = 1;
  for (let n = terms; n > 0; n--) sum = 1 + (sum * r) / n;
  return sum * powerOfTwo(k);
}

/** 2^k for -1022 <= k <= 1023, by its exponent bits. */
function powerOfTwo(k: number): number {
  return new Float64Array(new Int32Array([0, (k + 1023) << 20]).buffer)[0]!;
}
