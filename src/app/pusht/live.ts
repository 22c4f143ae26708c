import { AdvectError } from "../../engine/error.ts";
import type { Key } from "../../engine/random/index.ts";
import {
  controlLoop,
  type LoopReport,
  type Policy,
  type Robot,
  type Scene,
  type TaskFrame,
  type Timer,
  tasks,
} from "../../robot/index.ts";

/** What has just happened. */
export interface LiveStep {
  readonly step: number;
  readonly reward: number;
  readonly success: boolean;
  readonly scene: Scene;
}

export interface LiveOptions {
  readonly policy: Policy;
  readonly seed: number;
  readonly key: Key;
  /** `systemTimer()` for real time. */
  readonly timer: Timer;
  /** "synchronous" unless given. */
  readonly mode?: "synchronous" | "asynchronous";
  /** Steps in a second; those of the demonstrations, 10, unless given. */
  readonly hz?: number;
  /** 300 unless given. */
  readonly maxSteps?: number;
  /** Told after every step. */
  readonly shown?: (step: LiveStep) => void;
  readonly signal?: AbortSignal;
}

export interface LiveReport {
  readonly seed: number;
  readonly steps: number;
  readonly maxReward: number;
  readonly success: boolean;
  readonly loop: LoopReport;
}

/**
 * One episode of PushT against the clock, through the control loop: the world moves on at every tick, whether the policy
 * is ready or not. Ends at success. Throws as `controlLoop`, and "option" for policies of other observations.
 */
export async function livePusht({
  policy,
  seed,
  key,
  timer,
  mode = "synchronous",
  hz,
  maxSteps = 300,
  shown,
  signal,
}: LiveOptions): Promise<LiveReport> {
  const { observation } = policy.spec;
  const world = tasks.pusht.environment({ observation, maxSteps });
  const ended = new AbortController();
  let frame = world.reset({ seed });
  let [step, maxReward, success] = [0, 0, false];
  const robot: Robot<TaskFrame> = {
    observe: async () => frame,
    act(action) {
      if (success) return;
      const result = world.step(action);
      frame = result.observation;
      step++;
      maxReward = Math.max(maxReward, result.reward);
      success = result.success;
      shown?.({ step, reward: result.reward, success, scene: world.scene() });
      if (success) ended.abort("success");
    },
    stop() {},
  };
  const loop = await controlLoop({
    robot,
    policy,
    timer,
    key,
    mode,
    maxSteps,
    positionOf: agentOf,
    signal: signal ? AbortSignal.any([signal, ended.signal]) : ended.signal,
    ...(hz !== undefined && { hz }),
  });
  return { seed, steps: step, maxReward, success, loop };
}

/** The agent's place, which the first two numbers of the state are. */
function agentOf(frame: TaskFrame): ArrayLike<number> {
  const state = frame["observation.state"];
  if (state) return Array.from(state.data.slice(0, 2), Number);
  throw new AdvectError("option", "livePusht", {
    expected: "a policy that observes observation.state",
    got: Object.keys(frame).join(", "),
  });
}
