import { AdvectError } from "../../engine/error.ts";

/**
 * LeRobot's delta_timestamps as offsets in frames, round(seconds fps). Throws "option" for seconds that are not a
 * multiple of 1 / fps within the tolerance, as LeRobot does.
 */
export function deltaOffsets(
  seconds: readonly number[],
  { fps, toleranceSeconds = 1e-4 }: { readonly fps: number; readonly toleranceSeconds?: number },
): number[] {
  return seconds.map((delta) => {
    const offset = Math.round(delta * fps);
    if (Math.abs(offset / fps - delta) <= toleranceSeconds) return offset + 0; // never -0
    throw new AdvectError("option", "deltaOffsets", {
      expected: `multiples of 1/${fps} s within ${toleranceSeconds} s`,
      got: `${delta} s`,
      fix: `The nearest is ${offset / fps} s.`,
    });
  });
}

/** What a policy is trained on: `obsHorizon` observations up to now, and a chunk of `horizon` actions. */
export interface ChunkOffsets {
  /** 1 - obsHorizon … 0. */
  readonly observation: readonly number[];
  /** chunkStart … chunkStart + horizon - 1. */
  readonly action: readonly number[];
}

/**
 * Offsets of observations and actions around the current frame. A chunk starts now unless `chunkStart` says otherwise;
 * diffusion_policy and LeRobot start it with the oldest observation, at 1 - obsHorizon [chi2023]. Throws "option".
 */
export function chunkOffsets({
  obsHorizon,
  horizon,
  chunkStart = 0,
}: {
  readonly obsHorizon: number;
  readonly horizon: number;
  readonly chunkStart?: number;
}): ChunkOffsets {
  const right = [obsHorizon, horizon].every((count) => Number.isSafeInteger(count) && count >= 1);
  if (!right || !Number.isSafeInteger(chunkStart)) {
    throw new AdvectError("option", "chunkOffsets", {
      expected: "obsHorizon and horizon >= 1 and an integer chunkStart",
      got: `obsHorizon ${obsHorizon}, horizon ${horizon}, chunkStart ${chunkStart}`,
    });
  }
  const range = (start: number, count: number) => Array.from({ length: count }, (_, i) => start + i);
  return { observation: range(1 - obsHorizon, obsHorizon), action: range(chunkStart, horizon) };
}
