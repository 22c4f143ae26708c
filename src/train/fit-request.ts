import type { Clock } from "../engine/clock.ts";
import type { Key } from "../engine/random/index.ts";
import type { GivenList } from "../engine/runtime/index.ts";
import type { Batches } from "./batches.ts";
import { check, count, index } from "./check.ts";
import type { Files } from "./files.ts";
import type { Progress } from "./progress.ts";
import type { ProgressOptions } from "./progress-line.ts";
import type { CheckpointOptions } from "./store.ts";
import type { Trainer } from "./trainer.ts";
import { checkValidation, type ValidationOptions } from "./validation.ts";

export interface FitRequest<P, Args extends readonly unknown[]> {
  readonly trainer: Trainer<P, Args>;
  /** The arguments of each step, or of each of its micro-batches; `mapBatches` arranges data so. */
  readonly batches: Batches<GivenList<Args>>;
  /** Of the run: with it, the trainer and the batches the result is determined. */
  readonly key: Key;
  /** Steps of the whole run, those before it was resumed included. */
  readonly steps: number;
  readonly validate?: ValidationOptions<Args>;
  readonly checkpoint?: CheckpointOptions;
  /** A file of JSON lines, one for the mean of each `every` steps (default 50) and one for each validation. */
  readonly log?: LogOptions;
  /** A line about loss, speed and time left, such as { to: process.stderr }. */
  readonly progress?: ProgressOptions;
  /** When it aborts, the step is finished and a checkpoint saved; `interruption()` has one for Ctrl-C. */
  readonly signal?: AbortSignal;
  /** For times in the log and on the progress line. */
  readonly clock?: Clock;
  /** Default: the files of this machine. */
  readonly files?: Files;
  /** Told of damaged checkpoints; default console.warn. */
  readonly warn?: (message: string) => void;
}

export interface LogOptions {
  readonly path: string;
  readonly every?: number;
}

export interface FitResult {
  /** Why training ended: all steps done, validation stopped improving, or the signal. */
  readonly reason: "steps" | "patience" | "aborted";
  readonly progress: Progress;
  /** The folder of the newest checkpoint. */
  readonly checkpoint?: string;
}

/** Throws "option". */
export function checkFit<P, Args extends readonly unknown[]>(request: FitRequest<P, Args>): void {
  const { steps, validate, checkpoint, log } = request;
  check("fit", index, { steps });
  if (validate) checkValidation(validate);
  if (checkpoint) {
    check("fit", count, { "checkpoint.every": checkpoint.every, "checkpoint.keep": checkpoint.keep ?? 2 });
  }
  if (log) check("fit", count, { "log.every": log.every ?? 50 });
}
