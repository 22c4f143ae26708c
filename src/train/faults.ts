import type { NdArray } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import type { Mapped } from "../engine/tensor/index.ts";

/** What a trainer refuses, in words. */

export function checkedRate(value: number, step: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new AdvectError("option", "Trainer.step", {
    expected: "a learning rate that is finite and not negative",
    got: `${value} at step ${step}`,
    fix: "Check the learning-rate schedule.",
  });
}

export function busy(status: "running" | "disposed"): AdvectError {
  return new AdvectError("option", "Trainer.step", {
    expected: "a trainer that is idle",
    got: status === "running" ? "one whose last step is not finished" : "one that was disposed",
    fix:
      status === "running"
        ? "Await each step before the next."
        : "Make a new trainer and restore a snapshot.",
  });
}

export function outOfTurn(method: "step" | "accumulate", count: number, microBatches: number): AdvectError {
  const before = microBatches - 1;
  return new AdvectError("option", `Trainer.${method}`, {
    expected:
      method === "step"
        ? `${before} accumulated batches before a step, as microBatches is ${microBatches}`
        : `at most ${before} accumulated batches between steps, as microBatches is ${microBatches}`,
    got: count,
    fix: "Set microBatches to the batches of one update: all but the last are accumulated, the last one steps.",
  });
}

interface WithMoments<P> {
  readonly moments: Readonly<Record<string, Mapped<P, NdArray<"float32">>>>;
}

export function momentOf<P>({ moments }: WithMoments<P>, name: string): Mapped<P, NdArray<"float32">> {
  const moment = moments[name];
  if (moment) return moment;
  throw new AdvectError("option", "Trainer.restore", {
    expected: `the optimiser's moment "${name}"`,
    got: Object.keys(moments),
    fix: "Restore into a trainer with the optimiser that the snapshot was made with.",
  });
}
