import { type Frame, type History, history } from "../policy/history.ts";
import type { Observation, PolicySpec } from "../policy/policy.ts";
import { checkFinite } from "./check.ts";
import { textOf, within } from "./deadline.ts";
import type { Robot } from "./robot.ts";
import type { Meter } from "./statistics.ts";
import type { Timer } from "./timer.ts";

export interface PerceptionOptions<O extends Frame> {
  readonly robot: Robot<O>;
  readonly spec: PolicySpec;
  readonly timer: Timer;
  readonly observationMs: number;
  readonly meter: Meter;
  readonly failed: (message: string) => void;
  /** Aborts when the loop has ended. */
  readonly ended: AbortSignal;
}

export interface Perceived<O> {
  readonly tick: number;
  readonly frame: O;
  /** The newest frames; in the place of one that was missing stands the one before it. */
  readonly observation: Observation;
}

/** Asks the robot what is so, one question at a time, and takes only usable answers that come in time. */
export interface Perception<O> {
  readonly asking: boolean;
  /** What was seen in a tick, this one or the one before; undefined where nothing usable was. */
  frameAt(tick: number): O | undefined;
  /** Undefined where nothing usable came in time; never rejects. */
  look(tick: number): Promise<Perceived<O> | undefined>;
}

export function perception<O extends Frame>(options: PerceptionOptions<O>): Perception<O> {
  const { robot, spec, timer, meter, ended } = options;
  const frames = history(spec);
  let last: Perceived<O> | undefined;
  let before: Perceived<O> | undefined;
  let asking = false;

  const ask = async (tick: number): Promise<Perceived<O>> => {
    const startMs = timer.nowMs();
    const deadlineMs = startMs + options.observationMs;
    const outcome = await within(() => robot.observe(), { timer, deadlineMs, signal: ended });
    if (outcome.kind === "late") throw new Error(`no observation within ${options.observationMs} ms`);
    if (outcome.kind === "failed") throw outcome.error;
    meter.duration("observation", timer.nowMs() - startMs);
    checkFinite(outcome.value);
    if (last) repeat(frames, { frame: last.frame, times: Math.min(spec.obsHorizon, tick - last.tick - 1) });
    return { tick, frame: outcome.value, observation: frames.push(outcome.value) };
  };

  return {
    get asking() {
      return asking;
    },
    frameAt: (tick) => [last, before].find((seen) => seen?.tick === tick)?.frame,
    async look(tick) {
      asking = true;
      try {
        const seen = await ask(tick);
        [before, last] = [last, seen];
        return seen;
      } catch (error) {
        options.failed(textOf(error));
        return undefined;
      } finally {
        asking = false;
      }
    },
  };
}

function repeat(frames: History, { frame, times }: { readonly frame: Frame; readonly times: number }): void {
  for (let i = 0; i < times; i++) frames.push(frame);
}
