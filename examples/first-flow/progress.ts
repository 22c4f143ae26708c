import { systemClock } from "advect/engine";

export interface Progress {
  /** Called after every step; shows what it is given from time to time. */
  step(done: number, facts: { readonly loss: number }): void;
  /** Seconds since the start, and steps in each of them. */
  end(): { readonly seconds: number; readonly stepsPerSecond: number };
}

/** Step, loss, speed and time left: one line that changes on a terminal, a line every tenth elsewhere. */
export function progress(steps: number, log: (line: string) => void): Progress {
  const start = systemClock.nowMs();
  const terminal = process.stdout.isTTY === true;
  const interval = terminal ? Math.max(1, Math.round(steps / 200)) : Math.max(1, Math.round(steps / 10));
  let mean: number | undefined;
  let last = 0;
  const secondsSince = () => (systemClock.nowMs() - start) / 1000;
  return {
    step(done, { loss }) {
      mean = mean === undefined ? loss : 0.98 * mean + 0.02 * loss;
      last = done;
      if (done % interval !== 0 && done !== steps) return;
      const seconds = secondsSince();
      const speed = done / seconds;
      const left = (steps - done) / speed;
      const line = [
        `step ${String(done).padStart(String(steps).length)}/${steps}`,
        `loss ${mean.toFixed(4)}`,
        `${speed.toFixed(0)} steps/s`,
        `${left.toFixed(1)} s left`,
      ].join("   ");
      if (!terminal) log(line);
      else process.stdout.write(`\r${line}   ${done === steps ? "\n" : ""}`);
    },
    end() {
      const seconds = secondsSince();
      return { seconds, stepsPerSecond: last / seconds };
    },
  };
}
