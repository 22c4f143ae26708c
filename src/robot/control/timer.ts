import { type Clock, systemClock } from "../../engine/clock.ts";
import { type GarbageWatch, garbageWatch } from "./garbage.ts";
import { pause } from "./pause.ts";
import { nextTurn } from "./turn.ts";

/** A clock that can be waited for. */
export interface Timer extends Clock {
  /** Resolves as soon after `timeMs` as the platform can; never before the thread has answered what came in. */
  reach(timeMs: number): Promise<void>;
  /** Calls once, at `timeMs` or some milliseconds later, unless disposed before. */
  at(timeMs: number, call: () => void): Disposable;
  /** Tells when the garbage collector stood in the way, where that is known. */
  watchGarbage?(): GarbageWatch;
}

export interface SystemTimerOptions {
  /**
   * How long before the time the thread wakes up, to let it answer what comes in; default 2. setTimeout rounds to whole
   * milliseconds and comes up to one late, and on a busy machine later.
   */
  readonly earlyMs?: number;
  /** The last part of a wait, in which the thread asks for the time again and again; default 0.2, at most 1. */
  readonly spinMs?: number;
  readonly clock?: Clock;
}

/** How long a thread that is about to act stops between two of its turns. */
const turnMs = 0.2;

/**
 * Real time. `reach` sleeps until `earlyMs` before the time, then lets the thread answer whatever comes in, and spins for
 * the last `spinMs`. How late it is otherwise is up to the machine: the loop measures it.
 */
export function systemTimer({
  earlyMs = 2,
  spinMs = 0.2,
  clock = systemClock,
}: SystemTimerOptions = {}): Timer {
  const lastMs = Math.min(1, Math.max(0, spinMs));
  return {
    nowMs: clock.nowMs,
    reach: (timeMs) =>
      new Promise((resolve) => {
        const wake = () => {
          const left = timeMs - clock.nowMs();
          if (left > lastMs) return wait(left);
          while (clock.nowMs() < timeMs);
          resolve();
        };
        const wait = (left: number) => {
          const sleepMs = Math.floor(left - earlyMs);
          if (sleepMs >= 1) return void setTimeout(wake, sleepMs);
          pause(Math.min(left - lastMs, turnMs));
          nextTurn(wake);
        };
        wait(timeMs - clock.nowMs());
      }),
    at(timeMs, call) {
      const timeout = setTimeout(call, Math.max(0, Math.ceil(timeMs - clock.nowMs())));
      return { [Symbol.dispose]: () => clearTimeout(timeout) };
    },
    watchGarbage: garbageWatch,
  };
}
