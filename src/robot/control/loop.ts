import type { Frame } from "../policy/history.ts";
import { chunkQueue } from "./chunk-queue.ts";
import { type Command, commander } from "./commander.ts";
import { guarded, textOf } from "./deadline.ts";
import { type LoopOptions, type LoopPlan, planOf } from "./options.ts";
import { perception } from "./perception.ts";
import { planner } from "./planner.ts";
import { type LoopStatistics, meter } from "./statistics.ts";
import type { EventKind, Recorder, Tick } from "./tick.ts";

export interface LoopReport {
  /** "finished": all of `maxSteps`. "aborted": by the signal. "stopped": the loop gave up, for `reason`. */
  readonly status: "finished" | "aborted" | "stopped";
  readonly reason: string;
  /** Ticks that passed, with those that were skipped. */
  readonly steps: number;
  readonly statistics: LoopStatistics;
}

/**
 * Drives a robot by a policy at a fixed rate: observation, history, policy, chunk, limiter, action. Waits for nothing
 * without a deadline. Whatever the robot, the policy and the callbacks do, every action that goes out has passed the
 * limiter; where there is no action of a chunk, it is the safe one, and after `maxHoldSteps` of them the loop stops.
 *
 * Row i of a chunk is for the tick of its observation + i: rows whose time has passed are left out. Rejects with
 * "option" where it refuses to start; once it has started it resolves, always, after the robot's `stop`.
 */
export async function controlLoop<O extends Frame = Frame>(options: LoopOptions<O>): Promise<LoopReport> {
  const plan = planOf(options);
  using parts = assembled(options, plan);
  const { timer } = options;
  const startMs = timer.nowMs();
  let tick = 0;
  const end = (status: LoopReport["status"], reason: string) => parts.end({ status, reason, steps: tick });
  try {
    while (tick < plan.maxSteps) {
      const dueMs = startMs + tick * plan.periodMs;
      await timer.reach(dueMs);
      const given = await parts.turn({ tick, dueMs, wokenMs: timer.nowMs() });
      const reached = Math.floor((timer.nowMs() - startMs) / plan.periodMs);
      const next = Math.min(plan.maxSteps, Math.max(tick + 1, reached));
      parts.skipped(next - tick - 1);
      tick = next;
      if (given !== "on") return end("stopped", given);
      if (options.signal?.aborted) return end("aborted", textOf(options.signal.reason));
    }
    return end("finished", `${tick} steps`);
  } catch (error) {
    return end("stopped", textOf(error));
  }
}

interface Turn {
  readonly tick: number;
  readonly dueMs: number;
  readonly wokenMs: number;
}

/** The parts of one loop, and what they do in a tick. */
function assembled<O extends Frame>(options: LoopOptions<O>, plan: LoopPlan) {
  const { robot, policy, timer, log, safeTorques = {} } = options;
  const { spec } = policy;
  const stepSeconds = plan.periodMs / 1000;
  const ended = new AbortController();
  const garbage = timer.watchGarbage?.();
  const measured = meter({ size: spec.action.length, stepSeconds, lateMs: plan.lateMs, garbage });
  let current = 0;
  let acted = -1;

  const event: Report = (kind, message) => {
    if (ended.signal.aborted) return;
    measured.event(kind);
    if (log) guarded(() => log({ kind, tick: current, timeMs: timer.nowMs(), message }), ignore);
  };
  const failed = (kind: EventKind) => (message: string) => event(kind, message);
  const shared = { timer, meter: measured, ended: ended.signal };
  const queue = chunkQueue(plan);
  const commands = commander({ robot, spec, queue, stepSeconds, safeTorques, event });
  const senses = perception({ ...shared, ...plan, robot, spec, failed: failed("observation") });
  const nextTick = () => acted + 1;
  const plans = planner({ ...shared, ...options, queue, plan, nextTick, failed: failed("policy") });
  const story = storyteller({ recorder: options.recorder, frameAt: senses.frameAt, event });
  const holding = holdCounter(event);

  const start = (frame: O) =>
    guarded(
      () => commands.start(options.positionOf!(frame)),
      (error) => event("observation", textOf(error)),
    );
  const perceive = async (tick: number): Promise<void> => {
    const seen = await senses.look(tick);
    if (!seen || ended.signal.aborted) return;
    if (!commands.started) start(seen.frame);
    if (commands.started) await plans.observed(seen);
  };

  return {
    /** "on", or why the loop gives up. */
    async turn({ tick, dueMs, wokenMs }: Turn): Promise<string> {
      current = tick;
      if (options.mode === "synchronous") await perceive(tick);
      else if (!senses.asking) void perceive(tick);
      const command = commands.command(tick);
      const issuedMs = timer.nowMs();
      acted = tick;
      measured.tick({ ...command, tick, dueMs, wokenMs, issuedMs });
      story.acted({ ...command, tick, dueMs, issuedMs });
      const heldSteps = holding(command);
      return heldSteps > plan.maxHoldSteps ? `${heldSteps} steps without an action of a chunk` : "on";
    },
    skipped(count: number): void {
      if (count === 0) return;
      measured.skipped(count);
      event("skip", `${count} ticks went by`);
    },
    end(result: Omit<LoopReport, "statistics">): LoopReport {
      story.end();
      if (result.status === "stopped") event("stop", result.reason);
      ended.abort();
      if (result.status === "stopped") guarded(() => options.onStop?.(result.reason), ignore);
      guarded(() => robot.stop(), ignore);
      return { ...result, statistics: measured.summary() };
    },
    [Symbol.dispose]: () => garbage?.[Symbol.dispose](),
  };
}

const ignore = () => {};

type Report = (kind: EventKind, message: string) => void;

/** Ticks in a row, with this one, in which the robot took no action of a chunk. */
function holdCounter(event: Report): (command: Command) => number {
  let count = 0;
  let held = false;
  return ({ state, fresh }) => {
    count = fresh ? 0 : count + 1;
    if (state === "holding" && !held) event("hold", "no action of a chunk: the safe action goes out");
    if (state === "playing" && held) event("play", "the next chunk has come");
    held = state === "holding";
    return count;
  };
}

interface StoryOptions<O> {
  readonly recorder: Recorder<O> | undefined;
  readonly frameAt: (tick: number) => O | undefined;
  readonly event: Report;
}

/** Tells the recorder of a tick when the next one has acted: by then its observation has come. */
function storyteller<O>({ recorder, frameAt, event }: StoryOptions<O>) {
  let untold: Omit<Tick<O>, "frame"> | undefined;
  const end = () => {
    if (!untold || !recorder) return;
    const told: Tick<O> = { ...untold, frame: frameAt(untold.tick) };
    guarded(
      () => recorder.tick(told),
      (error) => event("recorder", textOf(error)),
    );
    untold = undefined;
  };
  return {
    acted({ fresh: _, ...tick }: Omit<Tick<O>, "frame"> & Pick<Command, "fresh">) {
      end();
      untold = tick;
    },
    end,
  };
}
