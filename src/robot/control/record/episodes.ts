import { episodesFromArrays, recordEpisodes } from "../../../data/index.ts";
import { type NdArray, ndarray, sizeOf } from "../../../engine/array/index.ts";
import { AdvectError } from "../../../engine/error.ts";
import type { Files } from "../../../engine/platform/index.ts";
import type { PolicySpec } from "../../policy/policy.ts";
import type { Recorder, Tick } from "../tick.ts";
import { featuresOf } from "./jsonl.ts";

export interface EpisodeRecorderOptions {
  /** Of a LeRobot data set v3.0, new or there already. */
  readonly folder: string;
  readonly spec: PolicySpec;
  /** Of the loop; 1 / stepSeconds of the spec unless given. */
  readonly hz?: number;
  /** What the robot was asked to do, in words. */
  readonly task?: string;
  readonly files?: Files;
}

interface Row {
  readonly arrays: Readonly<Record<string, Float32Array>>;
  readonly action: Float64Array;
}

/**
 * Collects a run of the loop as an episode, and adds it to a data set when it is closed: the features of the spec, as
 * float32, and "action", the commands that went out. Frames stay a period apart: where a tick was skipped, or had no
 * usable observation, stands the one before it. The episode begins with the first tick that has both. `close` throws
 * what `recordEpisodes` throws, "option" where nothing was recorded.
 */
export function episodeTicks({ folder, spec, hz, task, files }: EpisodeRecorderOptions): Recorder {
  const rows: Row[] = [];
  let last: { readonly tick: number; readonly row: Row } | undefined;
  return {
    tick(tick) {
      const row = rowOf(tick, { spec, before: last?.row });
      if (!row) return;
      for (let missed = (last?.tick ?? tick.tick - 1) + 1; missed < tick.tick; missed++) rows.push(last!.row);
      rows.push(row);
      last = { tick: tick.tick, row };
    },
    async close() {
      if (rows.length === 0) throw nothing(folder);
      const fps = wholeIfNear(hz ?? 1 / spec.stepSeconds);
      const recorder = await recordEpisodes(folder, files && { files });
      const names = { action: spec.action.map(({ name }) => name) };
      const set = { arrays: arraysOf(rows, spec), episodeEnds: [rows.length], fps, names };
      await recorder.add(episodesFromArrays({ ...set, name: folder, ...(task !== undefined && { task }) }));
    },
  };
}

function rowOf(
  { frame, action }: Tick,
  { spec, before }: { readonly spec: PolicySpec; readonly before: Row | undefined },
): Row | undefined {
  const arrays = frame ? copied(Object.fromEntries(featuresOf(frame)), spec) : before?.arrays;
  const command = action ?? before?.action;
  return arrays && command && { arrays, action: command };
}

function copied(frame: Readonly<Record<string, NdArray>>, spec: PolicySpec): Row["arrays"] {
  const names = Object.keys(spec.observation);
  const arrayOf = (name: string) => frame[name] ?? frame.observation!;
  return Object.fromEntries(names.map((name) => [name, Float32Array.from(arrayOf(name).data, Number)]));
}

function arraysOf(rows: readonly Row[], spec: PolicySpec): Record<string, NdArray<"float32">> {
  const features = Object.entries(spec.observation).map(([name, shape]) => {
    const parts = rows.map(({ arrays }) => arrays[name]!);
    return [name, joined(parts, shape.length === 0 ? [1] : shape)] as const;
  });
  const actions = joined(
    rows.map(({ action }) => action),
    [spec.action.length],
  );
  return Object.fromEntries([...features, ["action", actions]]);
}

function joined(parts: readonly ArrayLike<number>[], shape: readonly number[]): NdArray<"float32"> {
  const size = sizeOf(shape);
  const data = new Float32Array(parts.length * size);
  parts.forEach((part, i) => data.set(part, i * size));
  return ndarray(data, [parts.length, ...shape]);
}

/** 1 / 0.1 is 10 in a data set. */
const wholeIfNear = (fps: number) => (Math.abs(fps - Math.round(fps)) < 1e-9 * fps ? Math.round(fps) : fps);

function nothing(folder: string): AdvectError {
  return new AdvectError("option", folder, {
    expected: "at least one tick with an observation and an action",
    got: "none",
  });
}
