import { type LatencySummary, latencySummary } from "../../metrics/index.ts";

/** What was answered, and how fast. */
export interface ServeStatistics {
  readonly requests: number;
  readonly errors: number;
  /** From the whole request to its reply being handed to the network: of the last 1,024; null before the first. */
  readonly latencyMs: LatencySummary | null;
}

export interface ClientStatistics extends ServeStatistics {
  /** Counted from 0 in the order of connecting. */
  readonly id: number;
  readonly peer: string;
}

export interface Tally {
  answered(milliseconds: number): void;
  failed(): void;
  statistics(): ServeStatistics;
}

/** Counts, in memory that does not grow. */
export function tally(size = 1024): Tally {
  const latest = new Float64Array(size);
  let requests = 0;
  let errors = 0;
  return {
    answered(milliseconds) {
      latest[requests++ % size] = milliseconds;
    },
    failed() {
      errors++;
    },
    statistics: () => ({
      requests,
      errors,
      latencyMs: requests === 0 ? null : latencySummary(latest.subarray(0, Math.min(requests, size))),
    }),
  };
}
