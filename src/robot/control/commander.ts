import { ndarray } from "../../engine/array/index.ts";
import type { Frame } from "../policy/history.ts";
import type { PolicySpec } from "../policy/policy.ts";
import { type Clamp, limiter, type SafeTorques } from "../safety/index.ts";
import type { ChunkQueue } from "./chunk-queue.ts";
import { guarded, textOf } from "./deadline.ts";
import type { Robot } from "./robot.ts";
import type { EventKind, TickState } from "./tick.ts";

export interface CommanderOptions<O extends Frame> {
  readonly robot: Robot<O>;
  readonly spec: PolicySpec;
  readonly queue: ChunkQueue;
  readonly stepSeconds: number;
  readonly safeTorques: SafeTorques;
  readonly event: (kind: EventKind, message: string) => void;
}

/** What went out in a tick. */
export interface Command {
  readonly state: TickState;
  readonly wanted: Float64Array | undefined;
  readonly action: Float64Array | undefined;
  readonly clamps: readonly Clamp[];
  readonly chunk: number | undefined;
  /** Whether the robot took an action of a chunk. */
  readonly fresh: boolean;
}

/** The only way to the robot: every action passes the limiter. */
export interface Commander {
  /** Whether it knows where the commands begin. */
  readonly started: boolean;
  /** Throws what `limiter.start` throws. */
  start(position: ArrayLike<number>): void;
  /** The action of the chunk that plays, or the safe action. */
  command(tick: number): Command;
}

export function commander<O extends Frame>(options: CommanderOptions<O>): Commander {
  const { robot, spec, queue, event } = options;
  const limits = limiter({ ...options, action: spec.action });
  let started = !spec.action.some(({ kind }) => kind === "position");
  if (started) limits.start([]);

  const chosen = (tick: number): Omit<Command, "fresh"> => {
    if (!started)
      return { state: "blind", wanted: undefined, action: undefined, clamps: [], chunk: undefined };
    const wanted = queue.actionAt(tick);
    if (wanted) return { state: "playing", wanted, chunk: queue.start, ...limits.limit(wanted) };
    const state = queue.start === undefined ? "waiting" : "holding";
    return { state, wanted, action: limits.rest(), clamps: [], chunk: undefined };
  };
  return {
    get started() {
      return started;
    },
    start(position) {
      const clamps = limits.start(position);
      started = true;
      if (clamps.length > 0) event("clamp", textOfClamps(clamps));
    },
    command(tick) {
      const choice = chosen(tick);
      const { action, state, clamps } = choice;
      if (!action) return { ...choice, fresh: false };
      const sent = ndarray(action.slice(), [action.length]);
      const taken = guarded(
        () => robot.act(sent),
        (error) => event("robot", textOf(error)),
      );
      if (clamps.length > 0) event("clamp", textOfClamps(clamps));
      return { ...choice, fresh: taken && state === "playing" };
    },
  };
}

function textOfClamps(clamps: readonly Clamp[]): string {
  return clamps
    .map(({ dimension, wanted, given, limit }) => `${dimension}: ${wanted} wanted, ${given} given (${limit})`)
    .join("; ");
}
