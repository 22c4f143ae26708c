/** Kolmogorov-Smirnov: sqrt(n) times the largest distance between the empirical and the given distribution. */
export function kolmogorovSmirnov(values: Float32Array, cdf: (x: number) => number): number {
  const sorted = Float32Array.from(values).sort();
  const n = sorted.length;
  let largest = 0;
  sorted.forEach((x, i) => {
    const p = cdf(x);
    largest = Math.max(largest, p - i / n, (i + 1) / n - p);
  });
  return largest * Math.sqrt(n);
}

/** Chi-square of counts against expectations, as standard deviations from its mean (k - 1, variance 2 (k - 1)). */
export function chiSquareScore(counts: readonly number[], expected: readonly number[]): number {
  const freedom = counts.length - 1;
  const statistic = counts.reduce((sum, count, i) => sum + (count - expected[i]!) ** 2 / expected[i]!, 0);
  return (statistic - freedom) / Math.sqrt(2 * freedom);
}

export function tally(values: ArrayLike<number>, size: number): number[] {
  const counts = new Array<number>(size).fill(0);
  for (let i = 0; i < values.length; i++) counts[values[i]!]! += 1;
  return counts;
}

/** Pearson correlation times sqrt(n): a standard normal for independent samples. */
export function correlationScore(a: Float32Array, b: Float32Array): number {
  const n = a.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    ab += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return (ab / Math.sqrt(aa * bb)) * Math.sqrt(n);
}

export function mean(values: ArrayLike<number>, power = 1): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** power;
  return sum / values.length;
}

/** The normal distribution function, by the continued fraction in the tails and the Taylor series between. */
export function normalCdf(x: number): number {
  if (x < 0) return 1 - normalCdf(-x);
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x > 5) return 1 - density / (x + 1 / (x + 2 / (x + 3 / (x + 4 / x))));
  let [term, sum] = [x, x];
  for (let n = 1; n < 80; n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + density * sum;
}
