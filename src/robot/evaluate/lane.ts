import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { smoothness } from "../../metrics/index.ts";
import { history } from "../policy/history.ts";
import type { ActionChunk, Observation, PolicySpec } from "../policy/policy.ts";
import type { Episode } from "./episode.ts";
import type { Facts, Task } from "./task.ts";

export interface LaneOptions {
  readonly task: Task;
  readonly spec: PolicySpec;
  readonly seed: number;
  readonly executeSteps: number;
  readonly maxSteps?: number | undefined;
}

/** One episode on its way. */
export interface Lane {
  readonly seed: number;
  readonly done: boolean;
  /** What the policy sees now. */
  readonly observation: Observation;
  /** Plays the first `executeSteps` actions of a chunk, or as many as the episode has left. */
  play(chunk: ActionChunk): void;
  episode(): Episode;
}

/** Begins the episode of a seed. */
export function lane({ task, spec, seed, executeSteps, maxSteps }: LaneOptions): Lane {
  const world = task.environment({
    observation: spec.observation,
    ...(maxSteps !== undefined && { maxSteps }),
  });
  const frames = history(spec);
  let observation = frames.push(world.reset({ seed }));
  const actions: number[][] = [];
  const chunkStarts: number[] = [];
  let [maxReward, nfe, success, done] = [0, 0, false, false];
  let facts: Facts = {};

  const act = (action: NdArray) => {
    const result = world.step(action);
    observation = frames.push(result.observation);
    actions.push(Array.from(action.data as Float64Array));
    maxReward = Math.max(maxReward, result.reward);
    ({ success, facts } = result);
    done = result.terminated || result.truncated;
  };
  return {
    seed,
    get done() {
      return done;
    },
    get observation() {
      return observation;
    },
    play(chunk) {
      chunkStarts.push(actions.length);
      nfe += chunk.nfe;
      for (const action of rowsOf(chunk, spec, executeSteps)) {
        if (!done) act(action);
      }
    },
    episode: () => ({
      seed,
      steps: actions.length,
      maxReward,
      success,
      chunks: chunkStarts.length,
      nfe: chunkStarts.length === 0 ? 0 : nfe / chunkStarts.length,
      jerk: smoothness({
        actions: ndarray(Float64Array.from(actions.flat()), [actions.length, spec.action.length]),
        chunkStarts,
        stepSeconds: spec.stepSeconds,
      }),
      facts,
      finalState: Array.from(world.state().data),
      actions,
    }),
  };
}

function rowsOf({ actions }: ActionChunk, spec: PolicySpec, count: number): NdArray<"float64">[] {
  const [rows = 0, size] = actions.shape;
  if (rows < count || size !== spec.action.length) {
    throw new AdvectError("shape", "rollouts", {
      expected: `chunks of at least ${count} actions of ${spec.action.length} numbers`,
      got: `shape [${actions.shape}]`,
      fix: "Execute at most as many steps as a chunk has.",
    });
  }
  return Array.from({ length: count }, (_, i) =>
    ndarray(Float64Array.from(actions.data.subarray(i * size, (i + 1) * size)), [size]),
  );
}
