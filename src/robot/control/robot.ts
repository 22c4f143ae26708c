import type { NdArray } from "../../engine/array/index.ts";

/**
 * Something that moves, as the loop drives it. Whatever these throw, the loop survives: an observation that does not
 * come is missing, an action that is not taken is a failure, and it goes on or stops by its own rules.
 */
export interface Robot<O> {
  /** What is so now, in arrays that do not change later. The loop gives it a deadline, and asks again at the next tick. */
  observe(): Promise<O>;
  /** Takes a command, [dimensions], in the units of the policy's spec, and returns at once. */
  act(action: NdArray): void;
  /** Brings it to a stand in its own way. Called once, when the loop ends, however it ends. */
  stop(): void;
}
