import type { Timer } from "./timer.ts";
import { nextTurn } from "./turn.ts";

export interface SimulatedTimer extends Timer {
  /** Time stands still until all that is returned is disposed: for work that takes real time and no simulated time. */
  hold(): Disposable;
}

interface Due {
  readonly timeMs: number;
  readonly call: () => void;
}

/**
 * Time that jumps to whatever is waited for next, once everything that is ready has run: an hour passes as fast as the
 * work in it, the same way each time. Work that waits for a disk, a thread or a session must `hold` it meanwhile.
 */
export function simulatedTimer({ startMs = 0 }: { readonly startMs?: number } = {}): SimulatedTimer {
  const waiting: Due[] = [];
  let nowMs = startMs;
  let holds = 0;
  let turning = false;

  const turn = () => {
    turning = false;
    const next = holds === 0 ? waiting.shift() : undefined;
    if (!next) return;
    nowMs = Math.max(nowMs, next.timeMs);
    schedule();
    next.call();
  };
  const schedule = () => {
    if (turning || holds > 0 || waiting.length === 0) return;
    turning = true;
    nextTurn(turn);
  };
  const at = (timeMs: number, call: () => void): Disposable => {
    const due = { timeMs, call };
    const after = waiting.findIndex((other) => other.timeMs > timeMs);
    waiting.splice(after < 0 ? waiting.length : after, 0, due);
    schedule();
    return {
      [Symbol.dispose]: () => {
        const place = waiting.indexOf(due);
        if (place >= 0) waiting.splice(place, 1);
      },
    };
  };
  return {
    nowMs: () => nowMs,
    at,
    reach: (timeMs) => new Promise((resolve) => void at(timeMs, resolve)),
    hold() {
      let held = true;
      holds++;
      return {
        [Symbol.dispose]: () => {
          if (held) holds--;
          held = false;
          schedule();
        },
      };
    },
  };
}
