import type { NdArray, Shape } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import {
  cornerObservation,
  type Environment,
  keypointObservation,
  navigation,
  type Observe,
  pixelObservation,
  pushT,
  type StepResult,
  stateObservation,
} from "../sim/index.ts";

/** One frame of every feature that a policy asks for. */
export type Frame = Readonly<Record<string, NdArray>>;

/** What is particular to a task and worth knowing of an episode. */
export type Facts = Readonly<Record<string, number | string | boolean>>;

export interface TaskStep extends StepResult<Frame> {
  readonly facts: Facts;
}

export interface World {
  /** Shapes of the features of a frame, by name: those of a policy's spec. */
  readonly observation: Readonly<Record<string, Shape>>;
  /** The task's own unless given. */
  readonly maxSteps?: number;
}

/** Something to evaluate a policy on, by name, so that workers can be told. */
export interface Task {
  readonly name: string;
  /** Throws "option" for features that the task does not have. */
  environment(world: World): Environment<Frame, TaskStep>;
}

export type TaskName = "pusht" | "navigation";

type Feature<V> = { readonly shape: Shape; readonly of: (view: V) => NdArray };
/** Of features of one name, the one with the shape that a policy asks for is meant. */
type Features<V> = Readonly<Record<string, readonly Feature<V>[]>>;

function chosen<V>(where: string, all: Features<V>, wanted: World["observation"]): (view: V) => Frame {
  const found = Object.entries(wanted).map(([name, shape]) => {
    const feature = all[name]?.find((one) => `${one.shape}` === `${shape}`);
    if (feature) return [name, feature.of] as const;
    const offered = Object.entries(all).flatMap(([known, ones]) =>
      ones.map((one) => `${known} [${one.shape}]`),
    );
    throw new AdvectError("option", where, {
      expected: `features among ${offered.join(", ")}`,
      got: `${name} [${shape}]`,
      fix: "Evaluate policies that were trained on observations of this task.",
    });
  });
  return (view) => Object.fromEntries(found.map(([name, of]) => [name, of(view)]));
}

type PushTView = Parameters<Observe<unknown>>[0];

const part = (array: NdArray<"float64">, from: number, to: number): NdArray<"float64"> => ({
  dtype: "float64",
  shape: [to - from],
  data: array.data.slice(from, to),
});

/** Named as in the demonstrations, and as other data sets of PushT name them. */
const pushtFeatures: Features<PushTView> = {
  "observation.state": [
    { shape: [5], of: stateObservation },
    { shape: [2], of: (view) => part(keypointObservation(view), 18, 20) },
  ],
  "observation.environment_state": [
    { shape: [18], of: (view) => part(keypointObservation(view), 0, 18) },
    { shape: [16], of: (view) => part(cornerObservation(view), 0, 16) },
    { shape: [20], of: keypointObservation },
  ],
  "observation.keypoints": [{ shape: [20], of: keypointObservation }],
  "observation.image": [{ shape: [96, 96, 3], of: (view) => pixelObservation()(view).image }],
};

const pushtTask: Task = {
  name: "pusht",
  environment({ observation, maxSteps }) {
    const observe = chosen("pusht", pushtFeatures, observation);
    const world = pushT({ observe, ...(maxSteps !== undefined && { maxSteps }) });
    return {
      ...world,
      step: (action) => {
        const result = world.step(action);
        return { ...result, facts: { coverage: result.coverage } };
      },
    };
  },
};

const navigationTask: Task = {
  name: "navigation",
  environment({ observation, maxSteps }) {
    const place: Feature<NdArray> = { shape: [2], of: (state) => state };
    const observe = chosen("navigation", { "observation.state": [place] }, observation);
    const world = navigation({ ...(maxSteps !== undefined && { maxSteps }) });
    let collisions = 0;
    return {
      ...world,
      reset: (start) => {
        collisions = 0;
        return observe(world.reset(start));
      },
      step: (action) => {
        const { observation: state, collided, way, ...result } = world.step(action);
        collisions += collided ? 1 : 0;
        return { ...result, observation: observe(state), facts: { collisions, way: way ?? "none" } };
      },
    };
  },
};

export const tasks: Readonly<Record<TaskName, Task>> = { pusht: pushtTask, navigation: navigationTask };

/** Throws "option" for an unknown name. */
export function taskOf(name: string): Task {
  if (Object.hasOwn(tasks, name)) return tasks[name as TaskName];
  throw new AdvectError("option", "taskOf", {
    expected: `one of ${Object.keys(tasks).join(", ")}`,
    got: name,
  });
}
