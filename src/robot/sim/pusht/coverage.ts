import { bar, blockArea, type Pose, placed, stem } from "./block.ts";
import { type Ring, sharedArea } from "./clip.ts";

/** The two rectangles of a T, where they lie in the world. */
export interface Rings {
  readonly bar: Ring;
  readonly stem: Ring;
}

export function ringsAt(pose: Pose): Rings {
  return { bar: placed(bar, pose), stem: placed(stem, pose) };
}

/**
 * The part of the goal T that the block covers, area(goal and block) / area(T), in [0, 1] up to rounding. The
 * rectangles of a T only touch each other, so the four shared areas add up.
 */
export function blockCoverage({ block, goal }: { readonly block: Rings; readonly goal: Rings }): number {
  const onBar = sharedArea(block.bar, goal.bar) + sharedArea(block.stem, goal.bar);
  return (onBar + sharedArea(block.bar, goal.stem) + sharedArea(block.stem, goal.stem)) / blockArea;
}

/** Coverage from which on an episode counts as a success, and the reward is 1. */
export const successCoverage = 0.95;

/** min(coverage / 0.95, 1). */
export function rewardOf(coverage: number): number {
  return Math.min(Math.max(coverage / successCoverage, 0), 1);
}
