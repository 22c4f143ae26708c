import type { NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { CompiledField } from "../field/index.ts";
import { type SolveOptions, solve, uniformGrid } from "../solver/index.ts";
import { checkOptions } from "./pairs.ts";

export interface FlowPairs {
  readonly x0: NdArray;
  /** Where the flow carries each x0. */
  readonly x1: NdArray;
  /** On the way, [times, batch, ...event]: `straightness` of advect/metrics reads it. */
  readonly trajectory: NdArray;
  readonly times: readonly number[];
  readonly nfe: number;
}

/** `times` must begin at 0 and end at 1; default: uniformGrid(32). */
export type FlowOptions = Omit<Partial<SolveOptions>, "dense">;

/**
 * The pairs (x0, x1) that a flow makes, x1 its solution at t = 1 [liu2023]: training on them straightens the flow and
 * keeps its samples' distribution. x0: [batch, ...event]. Throws "option" for other end times, "numerical" when the
 * solver does not reach t = 1, and what `solve` throws.
 */
export async function flowPairs(
  field: CompiledField,
  x0: NdArray,
  { times = uniformGrid(32), ...options }: FlowOptions = {},
): Promise<FlowPairs> {
  if (times[0] !== 0 || times.at(-1) !== 1) {
    throw new AdvectError("option", "flowPairs", { expected: "times from 0 to 1", got: [...times] });
  }
  const { x, trajectory, nfe, reason } = await solve(field, x0, { ...options, times });
  if (reason !== "finished") {
    throw new AdvectError("numerical", "flowPairs", {
      expected: "a flow that can be solved from 0 to 1",
      got: `one that stopped: ${reason}`,
      fix: "Use fixed steps, or a longer training of the field.",
    });
  }
  return { x0, x1: x, trajectory, times, nfe };
}

export interface ReflowOptions extends FlowOptions {
  /** How often to make pairs and train on them; 1 gives the 2-rectified flow. */
  readonly rounds: number;
  /** Fresh source samples for a round, counted from 0. */
  readonly sources: (round: number) => NdArray;
  /** Trains on the pairs, coupled as they are (`independent()` keeps them), and returns the field. */
  readonly train: (pairs: FlowPairs, round: number) => Promise<CompiledField>;
}

export interface ReflowRound {
  /** What the field before this round made. */
  readonly pairs: FlowPairs;
  /** What was trained on them. */
  readonly field: CompiledField;
}

/**
 * k rounds of rectification [liu2023]: pairs from the field, a new field trained on them, and again. Each round's flow
 * has a transport cost that is not larger, and straighter paths, so fewer steps solve it. Throws "option" unless rounds is
 * a whole number >= 1, and what `flowPairs` throws.
 */
export async function reflow(
  field: CompiledField,
  { rounds, sources, train, ...options }: ReflowOptions,
): Promise<ReflowRound[]> {
  const valid = Number.isSafeInteger(rounds) && rounds >= 1;
  checkOptions("reflow", { rounds: [rounds, valid, "to be a whole number >= 1"] });
  const done: ReflowRound[] = [];
  for (let round = 0; round < rounds; round++) {
    const pairs = await flowPairs(done.at(-1)?.field ?? field, sources(round), options);
    done.push({ pairs, field: await train(pairs, round) });
  }
  return done;
}
