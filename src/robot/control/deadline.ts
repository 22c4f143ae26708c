import type { Timer } from "./timer.ts";

/** How work that was given a deadline ended. */
export type Outcome<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "late" };

export interface Deadline {
  readonly timer: Timer;
  readonly deadlineMs: number;
  /** Ends the wait early; counts as "late". */
  readonly signal?: AbortSignal | undefined;
}

/** Starts `work` and waits for it until the deadline, a time of the timer. Never rejects; what comes later is dropped. */
export function within<T>(
  work: () => Promise<T>,
  { timer, deadlineMs, signal }: Deadline,
): Promise<Outcome<T>> {
  return new Promise((resolve) => {
    const late = () => settle({ kind: "late" });
    const alarm = timer.at(deadlineMs, late);
    const settle = (outcome: Outcome<T>) => {
      alarm[Symbol.dispose]();
      signal?.removeEventListener("abort", late);
      resolve(outcome);
    };
    if (signal?.aborted) late();
    else signal?.addEventListener("abort", late);
    const failed = (error: unknown) => settle({ kind: "failed", error });
    try {
      Promise.resolve(work()).then((value) => settle({ kind: "done", value }), failed);
    } catch (error) {
      failed(error);
    }
  });
}

/** Calls someone else's code: hands what it throws, or rejects with later, to `report`, and returns whether it returned. */
export function guarded(call: () => unknown, report: (error: unknown) => void): boolean {
  try {
    const result = call();
    if (result instanceof Promise) result.catch(report);
    return true;
  } catch (error) {
    report(error);
    return false;
  }
}

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
