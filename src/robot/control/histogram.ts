/** Durations in few numbers, and the counts that they come from. */
export interface DurationSummary {
  readonly count: number;
  readonly meanMs: number;
  /** Upper ends of the bins that hold these quantiles: at most 1.1 % above them. 0 when nothing was counted. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The bins that are not empty, in rising order: durations in (fromMs, toMs]. */
  readonly histogram: readonly { readonly fromMs: number; readonly toMs: number; readonly count: number }[];
}

/** Counts durations in bins of a fixed relative width: any number of them in the same small memory. */
export interface Histogram {
  /** Negative durations count as 0. */
  add(durationMs: number): void;
  summary(): DurationSummary;
}

/** The first bin ends at 1 microsecond; 64 bins double the duration; the last one holds all above 67 s. */
const firstMs = 1e-3;
const binsPerDoubling = 64;
const bins = 26 * binsPerDoubling + 1;

const endOf = (bin: number) => firstMs * 2 ** (bin / binsPerDoubling);
const binOf = (ms: number) =>
  ms <= firstMs ? 0 : Math.min(bins - 1, Math.ceil(Math.log2(ms / firstMs) * binsPerDoubling));

export function histogram(): Histogram {
  const counts = new Float64Array(bins);
  let count = 0;
  let sumMs = 0;
  let maxMs = 0;
  const quantile = (part: number): number => {
    let below = 0;
    for (let bin = 0; bin < bins; bin++) {
      below += counts[bin]!;
      if (count > 0 && below >= part * count) return Math.min(endOf(bin), maxMs);
    }
    return 0;
  };
  return {
    add(durationMs) {
      const ms = Math.max(0, durationMs);
      counts[binOf(ms)]!++;
      count++;
      sumMs += ms;
      maxMs = Math.max(maxMs, ms);
    },
    summary: () => ({
      count,
      meanMs: count === 0 ? 0 : sumMs / count,
      p50Ms: quantile(0.5),
      p95Ms: quantile(0.95),
      p99Ms: quantile(0.99),
      maxMs,
      histogram: [...counts.keys()]
        .filter((bin) => counts[bin]! > 0)
        .map((bin) => ({ fromMs: bin === 0 ? 0 : endOf(bin - 1), toMs: endOf(bin), count: counts[bin]! })),
    }),
  };
}
