import type { Key } from "../../engine/random/index.ts";
import type { Observation, Policy } from "../policy/policy.ts";
import { checkChunk } from "./check.ts";
import type { ChunkQueue } from "./chunk-queue.ts";
import { textOf, within } from "./deadline.ts";
import type { LoopPlan } from "./options.ts";
import type { Meter } from "./statistics.ts";
import type { Timer } from "./timer.ts";

/** Measured delays that the next one is expected from: the largest of them [black2025]. */
const delaysKept = 10;

export interface PlannerOptions {
  readonly policy: Pick<Policy, "spec" | "predict">;
  readonly queue: ChunkQueue;
  readonly timer: Timer;
  readonly key: Key;
  readonly plan: LoopPlan;
  readonly meter: Meter;
  /** The tick that acts next. */
  readonly nextTick: () => number;
  readonly failed: (message: string) => void;
  /** Aborts when the loop has ended. */
  readonly ended: AbortSignal;
}

/** Asks the policy for a chunk whenever one is due, one at a time, and puts what comes in time into the queue. */
export interface Planner {
  /** Resolves, and never rejects, when the chunk has come or will not be waited for; at once where none is due. */
  observed(at: { readonly tick: number; readonly observation: Observation }): Promise<void>;
}

export function planner(options: PlannerOptions): Planner {
  const { policy, queue, timer, key, plan, meter, ended } = options;
  let dueTick = 0;
  let asking = false;
  let delays: number[] = [];

  const arrived = (chunk: Awaited<ReturnType<Policy["predict"]>>, tick: number) => {
    checkChunk(chunk, policy.spec);
    const delay = Math.max(0, options.nextTick() - tick);
    delays = [...delays.slice(1 - delaysKept), delay];
    meter.delay(delay);
    queue.adopt({ ...chunk, actions: { ...chunk.actions, data: chunk.actions.data.slice() } }, tick);
    dueTick = tick + plan.executeSteps;
  };

  const ask = async (tick: number, observation: Observation) => {
    const stop = new AbortController();
    const promised = queue.from(tick);
    const committed = promised && { actions: promised, delaySteps: Math.max(0, ...delays) };
    const request = {
      observation,
      key: key.fold(tick),
      signal: stop.signal,
      ...(committed && { committed }),
    };
    const startMs = timer.nowMs();
    const deadlineMs = startMs + plan.inferenceMs;
    const outcome = await within(() => policy.predict(request), { timer, deadlineMs, signal: ended });
    if (outcome.kind !== "done") {
      stop.abort();
      throw outcome.kind === "late" ? new Error(`no chunk within ${plan.inferenceMs} ms`) : outcome.error;
    }
    meter.duration("inference", timer.nowMs() - startMs);
    arrived(outcome.value, tick);
  };

  return {
    async observed({ tick, observation }) {
      if (asking || tick < dueTick) return;
      asking = true;
      try {
        await ask(tick, observation);
      } catch (error) {
        options.failed(textOf(error));
      } finally {
        asking = false;
      }
    },
  };
}
