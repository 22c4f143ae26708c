import { type NdArray, ndarray } from "../../engine/array/index.ts";
import type { ActionChunk } from "../policy/policy.ts";

/** The chunk that plays: row i is for tick `start` + i. */
export interface ChunkQueue {
  /** The tick of the first row of the chunk that plays; undefined before the first one. */
  readonly start: number | undefined;
  /** Plays this one from now on. */
  adopt(chunk: ActionChunk, start: number): void;
  /** The action for a tick; undefined where the chunk has none, or none that may still be played. */
  actionAt(tick: number): Float64Array | undefined;
  /** What is promised from a tick on, [rows, dimensions]; undefined where nothing is. */
  from(tick: number): NdArray<"float32"> | undefined;
}

/** `playSteps`: rows of a chunk that may be played. */
export function chunkQueue({ playSteps }: { readonly playSteps: number }): ChunkQueue {
  let playing: { readonly actions: NdArray<"float32">; readonly start: number } | undefined;
  const rowsFrom = (tick: number): { readonly data: Float32Array; readonly size: number } | undefined => {
    if (!playing) return undefined;
    const { actions, start } = playing;
    const size = actions.shape[1]!;
    const [row, end] = [tick - start, Math.min(playSteps, actions.shape[0]!)];
    return row >= 0 && row < end ? { data: actions.data.subarray(row * size, end * size), size } : undefined;
  };
  return {
    get start() {
      return playing?.start;
    },
    adopt({ actions }, start) {
      playing = { actions, start };
    },
    actionAt(tick) {
      const rows = rowsFrom(tick);
      return rows && Float64Array.from(rows.data.subarray(0, rows.size));
    },
    from(tick) {
      const rows = rowsFrom(tick);
      return rows && ndarray(rows.data.slice(), [rows.data.length / rows.size, rows.size]);
    },
  };
}
