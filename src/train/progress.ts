import { AdvectError } from "../engine/error.ts";
import { restoreKey } from "../engine/random/index.ts";
import type { Evaluation, StepReport } from "./trainer.ts";

/** Where a run stands: all that training depends on beside the trainer's own state. Saved as progress.json. */
export interface Progress {
  /** Steps tried so far, those that were skipped included. */
  readonly step: number;
  /** The words of the run's key. */
  readonly key: readonly number[];
  /** Seconds of training, over all processes of the run. */
  readonly seconds: number;
  /** The newest numbers: loss, validation. */
  readonly metrics: Readonly<Record<string, number>>;
  /** What the next line of the log takes the mean over. */
  readonly interval: Interval;
  /** The validation with the lowest loss. */
  readonly best?: { readonly step: number; readonly loss: number };
  /** Validations since then. */
  readonly stale: number;
  /** Steps skipped in a row. */
  readonly skipped: number;
}

/** Sums over the steps since the last line of the log, the skipped ones left out. */
export interface Interval {
  readonly count: number;
  readonly loss: number;
  readonly skipped: number;
}

export const emptyInterval: Interval = { count: 0, loss: 0, skipped: 0 };

export function startOf(key: readonly number[], step: number): Progress {
  return { step, key, seconds: 0, metrics: {}, interval: emptyInterval, stale: 0, skipped: 0 };
}

/** After one more step. */
export function afterStep(progress: Progress, { loss, skipped }: StepReport): Progress {
  const { interval } = progress;
  const counts = !skipped && Number.isFinite(loss);
  return {
    ...progress,
    step: progress.step + 1,
    metrics: counts ? { ...progress.metrics, loss } : progress.metrics,
    interval: counts
      ? { ...interval, count: interval.count + 1, loss: interval.loss + loss }
      : { ...interval, skipped: interval.skipped + 1 },
    skipped: skipped ? progress.skipped + 1 : 0,
  };
}

/** After a validation; one that is not finite counts as no better than the best. */
export function afterValidation(progress: Progress, { loss }: Evaluation): Progress {
  const { step, best, metrics, stale } = progress;
  const better = Number.isFinite(loss) && !(best && best.loss <= loss);
  const seen = { ...progress, metrics: Number.isFinite(loss) ? { ...metrics, validation: loss } : metrics };
  return better ? { ...seen, best: { step, loss }, stale: 0 } : { ...seen, stale: stale + 1 };
}

/** What JSON.parse found in progress.json. Throws "format", naming `where`. */
export function checkedProgress(value: unknown, where: string): Progress {
  const { step, key, interval } = (value ?? {}) as Partial<Progress>;
  try {
    restoreKey(key ?? []);
    if (Number.isSafeInteger(step) && step! >= 0 && interval) return value as Progress;
  } catch {
    // told below
  }
  throw new AdvectError("format", where, {
    expected: "a step >= 0, the key's four words and the interval's sums",
    got: value,
    fix: "The file is none that fit wrote; go on from another checkpoint.",
  });
}
