import { type NdArray, ndarray, sizeOf } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { Observation, PolicySpec } from "./policy.ts";

/** One frame: an array for every feature of the spec, in its shape; or the array alone, where there is one feature. */
export type Frame = Readonly<Record<string, NdArray>> | NdArray;

/** The newest frames of an episode. */
export interface History {
  /** Takes a frame, copied, and gives the observation that now is: the first one stands for those before it. Throws "option", "shape". */
  push(frame: Frame): Observation;
  /** Forgets all frames: a new episode begins. */
  reset(): void;
}

/** Stacks frames into what a policy observes, [obsHorizon, ...shape] of every feature, the current frame last. */
export function history({
  observation,
  obsHorizon,
}: Pick<PolicySpec, "observation" | "obsHorizon">): History {
  const names = Object.keys(observation);
  let frames: Readonly<Record<string, Float32Array>>[] = [];
  return {
    push(frame) {
      const now = copied(isArray(frame) ? { [onlyName(names)]: frame } : frame, observation);
      frames =
        frames.length === 0 ? Array.from({ length: obsHorizon }, () => now) : [...frames.slice(1), now];
      return Object.fromEntries(names.map((name) => [name, stacked(frames, name, observation[name]!)]));
    },
    reset() {
      frames = [];
    },
  };
}

const isArray = (frame: Frame): frame is NdArray => "dtype" in frame && "shape" in frame;

function onlyName(names: readonly string[]): string {
  if (names.length === 1) return names[0]!;
  throw new AdvectError("option", "history.push", {
    expected: `a record of ${names.join(", ")}`,
    got: "one array",
    fix: "Only a policy of one feature takes an array alone.",
  });
}

function copied(
  frame: Readonly<Record<string, NdArray>>,
  observation: PolicySpec["observation"],
): Record<string, Float32Array> {
  const entries = Object.entries(observation).map(([name, shape]) => {
    const array = Object.hasOwn(frame, name) ? frame[name] : undefined;
    if (!array?.data) throw missing("history.push", name, Object.keys(frame));
    if (`${array.shape}` === `${shape}`) return [name, new Float32Array(array.data)];
    throw new AdvectError("shape", `history.push: ${name}`, {
      expected: `one frame, [${shape}]`,
      got: `[${array.shape}]`,
    });
  });
  return Object.fromEntries(entries);
}

/** The error of an observation without one of its features. */
export function missing(where: string, name: string, there: readonly string[]): AdvectError {
  return new AdvectError("option", where, {
    expected: `the feature ${name}`,
    got: there.length > 0 ? `only ${there.join(", ")}` : "none",
    fix: "Give every feature of policy.spec.observation.",
  });
}

function stacked(
  frames: readonly Readonly<Record<string, Float32Array>>[],
  name: string,
  shape: readonly number[],
): NdArray<"float32"> {
  const size = sizeOf(shape);
  const data = new Float32Array(frames.length * size);
  frames.forEach((frame, i) => data.set(frame[name]!, i * size));
  return ndarray(data, [frames.length, ...shape]);
}
