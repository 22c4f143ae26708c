import type { Clock } from "../../engine/clock.ts";
import type { ActionChunk, Policy, PolicyRequest } from "../policy/index.ts";

export interface Answer {
  readonly chunk: ActionChunk;
  /** Of the evaluation that made it, in milliseconds. */
  readonly policyMs: number;
}

/** Requests of several clients in one evaluation of the network. */
export interface Batcher {
  /** Rejects with what the policy throws for this request, and with the reason of its signal. */
  ask(request: PolicyRequest): Promise<Answer>;
  /** Evaluations so far. */
  readonly batches: number;
}

export interface BatcherOptions {
  readonly policy: Policy;
  readonly clock: Clock;
  /** How long a request waits for others while the policy is idle. */
  readonly waitMs: number;
  readonly maxBatch: number;
  /** How many could ask: when all of them wait, there is nothing to wait for. */
  readonly clientCount: () => number;
}

interface Waiting {
  readonly request: PolicyRequest;
  readonly sinceMs: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (cause: unknown) => void;
}

/** What waits while the policy works goes together, next. */
export function batcher({ policy, clock, waitMs, maxBatch, clientCount }: BatcherOptions): Batcher {
  const waiting: Waiting[] = [];
  let busy = false;
  let batches = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const schedule = () => {
    if (busy || waiting.length === 0) return;
    const restMs = waiting[0]!.sinceMs + waitMs - clock.nowMs();
    if (restMs <= 0 || waiting.length >= Math.min(maxBatch, clientCount())) void work();
    else timer ??= setTimeout(() => void work(), restMs);
  };
  const work = async () => {
    clearTimeout(timer);
    timer = undefined;
    if (busy || waiting.length === 0) return;
    busy = true;
    batches++;
    await evaluate(waiting.splice(0, maxBatch), { policy, clock });
    busy = false;
    schedule();
  };
  return {
    get batches() {
      return batches;
    },
    ask: ({ signal, ...request }) =>
      new Promise<Answer>((resolve, reject) => {
        const entry = { request, sinceMs: clock.nowMs(), resolve, reject };
        signal?.addEventListener("abort", () => {
          const at = waiting.indexOf(entry);
          if (at >= 0) waiting.splice(at, 1);
          reject(signal.reason);
        });
        waiting.push(entry);
        schedule();
      }),
  };
}

/** Settles all of a batch; where it fails as a whole, one by one, so that only those fail that are at fault. */
async function evaluate(
  batch: readonly Waiting[],
  { policy, clock }: Pick<BatcherOptions, "policy" | "clock">,
): Promise<void> {
  const startMs = clock.nowMs();
  try {
    const chunks = await policy.predictMany(batch.map(({ request }) => request));
    const policyMs = clock.nowMs() - startMs;
    batch.forEach(({ resolve }, i) => resolve({ chunk: chunks[i]!, policyMs }));
  } catch (error) {
    if (batch.length === 1) return batch[0]!.reject(error);
    for (const one of batch) await evaluate([one], { policy, clock });
  }
}
