import type { NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { Key } from "../../engine/random/index.ts";
import type { Scene } from "./drawing/scene.ts";

/** Where an episode starts: at random, at random as the reference draws it from a seed, or in a given state. */
export type Start = { readonly key: Key } | { readonly seed: number } | { readonly state: NdArray };

/** What is the same in all episodes. */
export interface EnvironmentSpec {
  readonly name: string;
  /** Time between two actions. */
  readonly stepSeconds: number;
  /** Steps after which an episode is cut off. */
  readonly maxSteps: number;
  /** Names of the numbers of an action, which has shape [names.length], and their usual ranges. */
  readonly action: {
    readonly names: readonly string[];
    readonly low: readonly number[];
    readonly high: readonly number[];
  };
}

export interface StepResult<O> {
  readonly observation: O;
  readonly reward: number;
  readonly success: boolean;
  /** The episode has come to its own end; going on is possible, but no longer the task. */
  readonly terminated: boolean;
  /** `maxSteps` are over. */
  readonly truncated: boolean;
}

/** Something that acts can be tried on. It is one mutable world: use one for each episode that runs at the same time. */
export interface Environment<O, S extends StepResult<O> = StepResult<O>> {
  readonly spec: EnvironmentSpec;
  /** Begins an episode. Throws "shape", "option", "numerical" for a start that is none. */
  reset(start: Start): O;
  /** Applies an action for one step. Throws "shape", "numerical" for an action that is none, "option" before `reset`. */
  step(action: NdArray): S;
  /** A fresh copy of the state that `reset` takes. Throws "option" before `reset`. */
  state(): NdArray<"float64">;
  /** What to draw. Throws "option" before `reset`. */
  scene(): Scene;
}

/** Throws unless `array` has the shape [length] and finite numbers. */
export function checkVector(where: string, array: NdArray, length: number): void {
  if (array?.data === undefined || array.shape?.length !== 1 || array.shape[0] !== length) {
    throw new AdvectError("shape", where, {
      expected: `an array of shape [${length}]`,
      got: array?.shape === undefined ? typeof array : `shape [${array.shape}]`,
      fix: "Step one environment with one action at a time.",
    });
  }
  for (let i = 0; i < length; i++) {
    if (Number.isFinite(array.data[i])) continue;
    throw new AdvectError("numerical", where, {
      expected: "finite numbers",
      got: `${array.data[i]} at ${i}`,
      fix: "Look for the step of the policy that made it.",
    });
  }
}

/** The error of a world that is used before its first `reset`. */
export function notReset(where: string): AdvectError {
  return new AdvectError("option", where, { expected: "an episode", got: "none", fix: "Call reset first." });
}
