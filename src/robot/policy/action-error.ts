import { columnOf, type Episodes, type Windows, windows } from "../../data/index.ts";
import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { Key } from "../../engine/random/index.ts";
import { actionFeature } from "./chunk-rows.ts";
import type { Observation, Policy, PolicySpec } from "./policy.ts";

/** How far actions are from those that were demonstrated, in deviations of each dimension. */
export interface ActionError {
  /** The mean |action - demonstrated| over windows and dimensions, for each step of the chunk. */
  readonly perStep: readonly number[];
  /** Over the steps. */
  readonly mean: number;
  /** Windows that were compared. */
  readonly count: number;
}

export interface ActionErrorRequest {
  /** Episodes that the policy was not trained on. */
  readonly set: Episodes;
  /** Of the policy's draws: one for each window. */
  readonly key: Key;
  /** Windows, spread over the episodes; 512 unless given. */
  readonly count?: number;
}

/** The error of a policy's chunks. Steps after the end of an episode do not count. Throws as `predict`, and "option". */
export async function actionError(
  policy: Policy,
  { set, key, count }: ActionErrorRequest,
): Promise<ActionError> {
  const { spec } = policy;
  const held = heldOut(set, { spec, count });
  const requests = held.chosen.map((window, i) => ({
    observation: observationAt(held.values, { spec, row: i }),
    key: key.fold(window),
  }));
  const chunks: NdArray[] = [];
  for (let at = 0; at < requests.length; at += 64) {
    const found = await policy.predictMany([...requests.slice(at, at + 64)]);
    chunks.push(...found.map(({ actions }) => actions));
  }
  return compared(held, (row, step, dimension) => chunks[row]!.data[step * held.width + dimension]!);
}

/** The error of doing what was done last, in every step of the chunk. */
export function holdLastError(
  set: Episodes,
  { spec, count }: { readonly spec: PolicySpec; readonly count?: number | undefined },
): ActionError {
  const held = heldOut(set, { spec, count });
  const last = held.actions.length / held.chosen.length;
  return compared(held, (row, _step, dimension) => held.actions[row * last + dimension]!);
}

interface HeldOut {
  /** Numbers of the windows. */
  readonly chosen: readonly number[];
  readonly values: Readonly<Record<string, NdArray<"float32">>>;
  /** [windows, 1 + horizon, dimensions]: the action before the chunk, then the chunk. */
  readonly actions: Float32Array;
  /** [windows, 1 + horizon] */
  readonly isPad: Uint8Array;
  readonly width: number;
  readonly horizon: number;
  readonly deviation: Float64Array;
}

function heldOut(
  set: Episodes,
  { spec, count = 512 }: { readonly spec: PolicySpec; readonly count?: number | undefined },
): HeldOut {
  const { obsHorizon, horizon } = spec;
  const seen = Array.from({ length: obsHorizon }, (_, i) => i + 1 - obsHorizon);
  const names = Object.keys(spec.observation);
  const all = windows(set, {
    offsets: {
      ...Object.fromEntries(names.map((name) => [name, seen])),
      [actionFeature]: Array.from({ length: horizon + 1 }, (_, i) => i - 1),
    },
  });
  const chosen = spreadOver(all, count, set);
  const { values, isPad } = all.gather(Int32Array.from(chosen));
  return {
    ...{ chosen, values, horizon },
    actions: values[actionFeature]!.data,
    isPad: isPad[actionFeature]!.data as Uint8Array,
    width: spec.action.length,
    deviation: deviations(columnOf(set, actionFeature) as NdArray),
  };
}

/** Windows that have an action before them, evenly spread. */
function spreadOver({ anchors }: Windows, count: number, { episodes, name }: Episodes): number[] {
  const firsts = new Set(episodes.map(({ start }) => start));
  const usable = Array.from(anchors, (_, i) => i).filter((i) => !firsts.has(anchors[i]!));
  if (usable.length === 0) {
    throw new AdvectError("option", name, { expected: "an episode of two frames or more", got: "none" });
  }
  const part = Math.min(count, usable.length);
  return Array.from({ length: part }, (_, i) => usable[Math.floor((i * usable.length) / part)]!);
}

function deviations({ data, shape }: NdArray): Float64Array {
  const width = shape[1]!;
  const rows = shape[0]!;
  return Float64Array.from({ length: width }, (_, dimension) => {
    const values = Array.from({ length: rows }, (_unused, i) => Number(data[i * width + dimension]));
    const mean = values.reduce((a, b) => a + b) / rows;
    const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows);
    return std > 1e-9 ? std : 1;
  });
}

function observationAt(
  values: HeldOut["values"],
  { spec, row }: { readonly spec: PolicySpec; readonly row: number },
): Observation {
  return Object.fromEntries(
    Object.entries(spec.observation).map(([name, shape]) => {
      const { data } = values[name]!;
      const size = spec.obsHorizon * shape.reduce((a, b) => a * b, 1);
      return [name, ndarray(data.slice(row * size, (row + 1) * size), [spec.obsHorizon, ...shape])];
    }),
  );
}

function compared(
  { chosen, actions, isPad, width, horizon, deviation }: HeldOut,
  given: (row: number, step: number, dimension: number) => number,
): ActionError {
  const perStep = Array.from({ length: horizon }, (_, step) => {
    let [sum, counted] = [0, 0];
    for (let row = 0; row < chosen.length; row++) {
      const at = row * (horizon + 1) + step + 1;
      if (isPad[at]) continue;
      for (let dimension = 0; dimension < width; dimension++) {
        sum +=
          Math.abs(given(row, step, dimension) - actions[at * width + dimension]!) / deviation[dimension]!;
      }
      counted += width;
    }
    return counted > 0 ? sum / counted : Number.NaN;
  });
  const known = perStep.filter(Number.isFinite);
  return { perStep, mean: known.reduce((a, b) => a + b, 0) / known.length, count: chosen.length };
}
