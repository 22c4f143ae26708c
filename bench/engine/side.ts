import type { Candidate } from "../harness/measure.ts";
import type { Profiled } from "./profile.ts";

/** advect's side of one model: ways to run it, and the operations of one step in products and convolutions. */
export interface Side {
  readonly candidates: readonly Candidate[];
  readonly flops: number;
  /** Tracing, emission and session creation, when nothing is cached. */
  readonly openMs: number;
  readonly profiled: Profiled;
}
