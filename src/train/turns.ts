import type { GivenList, Run, Session } from "../engine/runtime/index.ts";
import { type BatchBuffers, planeArrays, type ResultBuffers } from "./buffers.ts";
import { busy } from "./faults.ts";
import type { Program } from "./program.ts";
import type { Updater } from "./updater.ts";

/** Runs of a trainer's graph, one at a time, since all of them share its buffers. */
export interface Turns<Args extends readonly unknown[]> extends Disposable {
  /** Runs the graph on a batch, then `finish`, before anyone else has a turn. Throws "option" while another has it. */
  take<R>(weights: "params" | "ema", args: GivenList<Args>, finish: () => R): Promise<R>;
}

export interface TurnsRequest<P> {
  readonly plan: Program<P>;
  readonly update: Updater<P>;
  readonly session: Session;
  readonly batch: BatchBuffers;
  readonly results: ResultBuffers;
}

export function turns<P, Args extends readonly unknown[]>(request: TurnsRequest<P>): Turns<Args> {
  const { session, batch } = request;
  const runs = { params: bound(request, "params"), ema: undefined as Run | undefined };
  let status: "idle" | "running" | "disposed" = "idle";
  return {
    async take(weights, args, finish) {
      if (status !== "idle") throw busy(status);
      batch.fill(args);
      status = "running";
      try {
        const pending = (runs[weights] ??= bound(request, weights))();
        if (pending) await pending;
        return finish();
      } finally {
        if (status === "running") status = "idle";
      }
    },
    [Symbol.dispose]() {
      if (status !== "disposed") session[Symbol.dispose]();
      status = "disposed";
    },
  };
}

function bound<P>(
  { plan, update, session, batch, results }: TurnsRequest<P>,
  weights: "params" | "ema",
): Run {
  return session.bind(
    { ...planeArrays(plan, update, weights), ...batch.arrays },
    { ...planeArrays(plan, update, "gradient"), ...results.arrays },
  );
}
