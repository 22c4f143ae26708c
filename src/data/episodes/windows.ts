import { type DType, type NdArray, ndarray, type Shape, sizeOf } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { columnOf, type Episodes, mapValues } from "./episodes.ts";

/** Frames around an anchor, for some of its features. */
export interface WindowBatch {
  /** float32 [batch, offsets, ...feature shape]. */
  readonly values: Readonly<Record<string, NdArray<"float32">>>;
  /** bool [batch, offsets]: 1 where the episode has no such frame and its first or last one stands there. */
  readonly isPad: Readonly<Record<string, NdArray<"bool">>>;
}

/** One window for every anchor; none of them crosses from an episode into another. */
export interface Windows {
  readonly count: number;
  /** The row of the current frame of each window. */
  readonly anchors: Int32Array;
  /** The windows with these numbers. Throws "shape" for one outside. */
  gather(chosen: Int32Array): WindowBatch;
  /** All of them, in order. */
  all(): WindowBatch;
}

export interface WindowOptions {
  /** Frames relative to the current one, by feature: { "observation.state": [-1, 0], action: [0, 1, 2] }. */
  readonly offsets: Readonly<Record<string, readonly number[]>>;
  /** The last frames of each episode that are no anchors, default 0: their windows would be mostly padding. */
  readonly dropLastSteps?: number;
}

/**
 * Windows over all episodes. Rows outside the episode are clamped to it and marked, as LeRobot does. Throws "option"
 * for features without numbers, offsets that are no integers, and when no frame is left.
 */
export function windows(set: Episodes, { offsets, dropLastSteps = 0 }: WindowOptions): Windows {
  checkOffsets(set, offsets, dropLastSteps);
  const { anchors, first, last } = anchorsOf(set, dropLastSteps);
  if (anchors.length === 0) {
    throw new AdvectError("option", set.name, {
      expected: `an episode longer than ${dropLastSteps} frames`,
      got: `${set.episodes.length} shorter ones`,
    });
  }
  const sources = mapValues(offsets, (list, key) => source(columnOf(set, key), Int32Array.from(list)));
  const gather = (chosen: Int32Array): WindowBatch => {
    const wrong = chosen.find((i) => !(i >= 0 && i < anchors.length));
    if (wrong !== undefined) {
      throw new AdvectError("shape", "windows.gather", {
        expected: `windows 0 to ${anchors.length - 1}`,
        got: wrong,
      });
    }
    const parts = mapValues(sources, (from) => gatherOne(from, { chosen, anchors, first, last }));
    return { values: mapValues(parts, (part) => part.values), isPad: mapValues(parts, (part) => part.isPad) };
  };
  return {
    count: anchors.length,
    anchors,
    gather,
    all: () => gather(Int32Array.from(anchors, (_, i) => i)),
  };
}

interface Anchors {
  readonly anchors: Int32Array;
  /** First row of the episode of each anchor. */
  readonly first: Int32Array;
  /** Last row, inclusive. */
  readonly last: Int32Array;
}

function anchorsOf({ episodes }: Episodes, dropLastSteps: number): Anchors {
  const count = episodes.reduce((sum, { start, end }) => sum + Math.max(0, end - start - dropLastSteps), 0);
  const [anchors, first, last] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
  let at = 0;
  for (const { start, end } of episodes) {
    for (let row = start; row < end - dropLastSteps; row++, at++) {
      anchors[at] = row;
      first[at] = start;
      last[at] = end - 1;
    }
  }
  return { anchors, first, last };
}

interface Source {
  readonly data: Float32Array;
  readonly shape: Shape;
  readonly offsets: Int32Array;
}

function source({ data, shape }: NdArray<DType>, offsets: Int32Array): Source {
  const values =
    data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number | bigint>, Number);
  return { data: values, shape: shape.slice(1), offsets };
}

function gatherOne(
  { data, shape, offsets }: Source,
  { chosen, anchors, first, last }: Anchors & { readonly chosen: Int32Array },
): { values: NdArray<"float32">; isPad: NdArray<"bool"> } {
  const size = sizeOf(shape);
  const values = new Float32Array(chosen.length * offsets.length * size);
  const isPad = new Uint8Array(chosen.length * offsets.length);
  for (let b = 0, at = 0; b < chosen.length; b++) {
    const window = chosen[b]!;
    for (let o = 0; o < offsets.length; o++, at++) {
      const wanted = anchors[window]! + offsets[o]!;
      const row = Math.min(Math.max(wanted, first[window]!), last[window]!);
      if (row !== wanted) isPad[at] = 1;
      for (let j = 0; j < size; j++) values[at * size + j] = data[row * size + j]!;
    }
  }
  return {
    values: ndarray(values, [chosen.length, offsets.length, ...shape], "float32"),
    isPad: ndarray(isPad, [chosen.length, offsets.length], "bool"),
  };
}

function checkOffsets(set: Episodes, offsets: WindowOptions["offsets"], dropLastSteps: number): void {
  const entries = Object.entries(offsets);
  const wrong = entries.find(([, list]) => list.length === 0 || !list.every(Number.isSafeInteger));
  const rightDrop = Number.isSafeInteger(dropLastSteps) && dropLastSteps >= 0;
  if (entries.length > 0 && !wrong && rightDrop) return;
  throw new AdvectError("option", set.name, {
    expected: "offsets, integers, for at least one feature, and dropLastSteps >= 0",
    got: wrong ? `${wrong[0]}: [${wrong[1]}]` : `${entries.length} features, dropLastSteps ${dropLastSteps}`,
    fix: "Offsets in seconds become frames by deltaOffsets.",
  });
}
