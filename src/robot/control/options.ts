import { AdvectError } from "../../engine/error.ts";
import type { Key } from "../../engine/random/index.ts";
import type { Frame } from "../policy/history.ts";
import type { Policy, PolicySpec } from "../policy/policy.ts";
import type { SafeTorques } from "../safety/index.ts";
import type { Robot } from "./robot.ts";
import type { LoopEvent, Recorder } from "./tick.ts";
import type { Timer } from "./timer.ts";

export interface LoopOptions<O extends Frame = Frame> {
  readonly robot: Robot<O>;
  readonly policy: Pick<Policy, "spec" | "predict">;
  readonly timer: Timer;
  /** Decides the noise of every chunk, with the tick of its observation: the same run, the same chunks. */
  readonly key: Key;
  /**
   * "synchronous": observe, predict where a chunk is due, act, in each tick; for policies faster than a tick, and for
   * simulated time. "asynchronous": act at once, from the chunk that plays, while the next one is computed.
   */
  readonly mode: "synchronous" | "asynchronous";
  /** Where the robot is, a number for each dimension; read where its kind is "position", and required if one is. */
  readonly positionOf?: (frame: O) => ArrayLike<number>;
  /** Ticks per second; 1 / stepSeconds of the spec unless given. */
  readonly hz?: number;
  /** Ticks after which the loop is finished; endless unless given. */
  readonly maxSteps?: number;
  /** Ends the loop after the tick in which it aborts. */
  readonly signal?: AbortSignal;
  /** Ticks from the observation of a chunk to that of the next; the spec's unless given. */
  readonly executeSteps?: number;
  /**
   * Rows of a chunk that may be played while the next one is late: executeSteps unless given, or in asynchronous mode all.
   * After them, the safe action.
   */
  readonly playSteps?: number;
  /** How long a chunk may take. Unless given: one tick, or in asynchronous mode until `playSteps` run out. */
  readonly inferenceMs?: number;
  /** How long an observation may take; one tick unless given. */
  readonly observationMs?: number;
  /** Ticks in a row without an action of a chunk, after which the loop stops; those of one second unless given. */
  readonly maxHoldSteps?: number;
  /** An action issued later after its tick counts as missed; 2 unless given. */
  readonly lateMs?: number;
  /** For dimensions of kind "torque", by name. */
  readonly safeTorques?: SafeTorques;
  readonly recorder?: Recorder<O>;
  readonly log?: (event: LoopEvent) => void;
  /** Told once why, when the loop gives up. The robot's own `stop` follows. */
  readonly onStop?: (reason: string) => void;
}

/** The numbers of a loop, all known. */
export interface LoopPlan {
  readonly periodMs: number;
  readonly maxSteps: number;
  readonly executeSteps: number;
  readonly playSteps: number;
  readonly inferenceMs: number;
  readonly observationMs: number;
  readonly maxHoldSteps: number;
  readonly lateMs: number;
}

/** Throws "option" for numbers that contradict each other. */
export function planOf<O extends Frame>(options: LoopOptions<O>): LoopPlan {
  const { spec } = options.policy;
  const { hz = 1 / spec.stepSeconds, executeSteps = spec.executeSteps } = options;
  if (!(hz > 0 && Number.isFinite(hz))) throw wrong("hz > 0", hz);
  const periodMs = 1000 / hz;
  const asynchronous = options.mode === "asynchronous";
  const playSteps = options.playSteps ?? (asynchronous ? spec.horizon : executeSteps);
  checkSteps({ executeSteps, playSteps }, { spec, asynchronous });
  const spareMs = (playSteps - executeSteps) * periodMs;
  const plan: LoopPlan = {
    periodMs,
    executeSteps,
    playSteps,
    maxSteps: options.maxSteps ?? Number.POSITIVE_INFINITY,
    inferenceMs: options.inferenceMs ?? (asynchronous ? spareMs : periodMs),
    observationMs: options.observationMs ?? periodMs,
    maxHoldSteps: options.maxHoldSteps ?? Math.ceil(hz),
    lateMs: options.lateMs ?? 2,
  };
  for (const [name, value] of Object.entries(plan)) {
    if (!(value >= 0)) throw wrong(`${name} >= 0`, value);
  }
  if (!options.positionOf && spec.action.some(({ kind }) => kind === "position")) {
    const fix = "Pass positionOf: (frame) => …, so that the loop knows what to hold before the first chunk.";
    throw wrong("to know where the robot is", "no positionOf", fix);
  }
  return plan;
}

interface Steps {
  readonly executeSteps: number;
  readonly playSteps: number;
}

function checkSteps(
  { executeSteps, playSteps }: Steps,
  { spec, asynchronous }: { readonly spec: PolicySpec; readonly asynchronous: boolean },
): void {
  const counts = Number.isSafeInteger(executeSteps) && Number.isSafeInteger(playSteps);
  if (counts && executeSteps >= 1 && playSteps >= executeSteps && playSteps <= spec.horizon) {
    if (!asynchronous || playSteps > executeSteps) return;
    const fix = "Execute fewer steps, so that some are left to play while the next chunk is computed.";
    throw wrong("executeSteps < playSteps in asynchronous mode", [executeSteps, playSteps], fix);
  }
  throw wrong(`1 <= executeSteps <= playSteps <= horizon ${spec.horizon}`, [executeSteps, playSteps]);
}

function wrong(expected: string, got: unknown, fix?: string): AdvectError {
  return new AdvectError("option", "controlLoop", { expected, got, ...(fix && { fix }) });
}
