import { AdvectError } from "../engine/error.ts";

/** How long something took, in milliseconds: the value that a part of all calls did not exceed, and the worst. */
export interface LatencySummary {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Percentiles by nearest rank: values that occurred, never ones between. Throws "shape" for none, "numerical". */
export function latencySummary(valuesMs: ArrayLike<number>): LatencySummary {
  const sorted = Float64Array.from(valuesMs).sort();
  if (sorted.length === 0) {
    throw new AdvectError("shape", "latencySummary", { expected: "at least one value", got: 0 });
  }
  if (!sorted.every(Number.isFinite)) {
    throw new AdvectError("numerical", "latencySummary", { expected: "finite times", got: "others" });
  }
  const at = (part: number) => sorted[Math.ceil(part * sorted.length) - 1]!;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
