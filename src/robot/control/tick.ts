import type { Frame } from "../policy/history.ts";
import type { Clamp } from "../safety/index.ts";

/**
 * "waiting": no chunk has come yet; positions hold where the robot was measured. "playing": the action is from a chunk.
 * "holding": there was no action for this tick, the safe action went out. "blind": not even the robot's position is
 * known, and nothing went out.
 */
export type TickState = "waiting" | "playing" | "holding" | "blind";

/** All that is to say about one tick, as recorders get it. */
export interface Tick<O = Frame> {
  /** Counted from 0, also through ticks that were skipped. */
  readonly tick: number;
  readonly state: TickState;
  /** Times of the loop's timer: when it was due, and when the action went out. */
  readonly dueMs: number;
  readonly issuedMs: number;
  /** What the policy wanted, and what went out, in the units of the spec; undefined where there was nothing. */
  readonly wanted: Float64Array | undefined;
  readonly action: Float64Array | undefined;
  readonly clamps: readonly Clamp[];
  /** The tick of the observation that the playing chunk was predicted from. */
  readonly chunk: number | undefined;
  /** What was observed in this tick; undefined where nothing usable came in time. */
  readonly frame: O | undefined;
}

/** Something that went wrong, or may explain what is seen. */
export interface LoopEvent {
  readonly kind: EventKind;
  readonly tick: number;
  readonly timeMs: number;
  readonly message: string;
}

/**
 * "observation": none came, or one that is unusable. "policy": it threw, was late, or its chunk is unusable. "clamp": an
 * action was changed. "skip": ticks went by while the thread was busy. "robot": it threw. "recorder": it threw. "hold": the
 * safe action begins, "play": it ends. "stop": the loop gave up.
 */
export type EventKind =
  | "observation"
  | "policy"
  | "clamp"
  | "skip"
  | "robot"
  | "recorder"
  | "hold"
  | "play"
  | "stop";

/** Told of every tick, one after another; must return at once. */
export interface Recorder<O = Frame> {
  tick(tick: Tick<O>): void;
  /** Called by whoever made it, when the loop has ended: what was recorded is on the disk when this resolves. */
  close(): Promise<void>;
}
