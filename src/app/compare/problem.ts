import { type Distribution, type Normalization, standardization, statistics } from "../../data/index.ts";
import type { NdArray } from "../../engine/array/index.ts";
import { type Key, normal } from "../../engine/random/index.ts";
import type { RunOptions } from "../../engine/runtime/index.ts";
import type { CompareBudget } from "./budget.ts";
import { type Network, network } from "./network.ts";

/** All that the methods share. */
export interface Problem {
  readonly data: Distribution;
  readonly budget: CompareBudget;
  readonly network: Network;
  /** Data to mean 0 and variance 1 in both directions, as the network sees them. */
  readonly units: Normalization;
  readonly key: Key;
  /** What samples start from, and what they are measured against: one of each for every repeat. */
  readonly sets: readonly MeasuredSet[];
  readonly options: Pick<RunOptions, "device" | "threads">;
}

export interface MeasuredSet {
  readonly x0: NdArray<"float32">;
  readonly reference: NdArray<"float32">;
  /** Of a stochastic sampler. */
  readonly sampler: Key;
}

export interface ProblemRequest {
  readonly data: Distribution;
  readonly budget: CompareBudget;
  readonly key: Key;
  readonly options: Problem["options"];
}

/** The problem with its random numbers drawn. */
export function problem({ data, budget, key, options }: ProblemRequest): Problem {
  const { count, repeats } = budget;
  const sets = key
    .fold("sets")
    .split(repeats)
    .map((own) => ({
      x0: normal(own.fold("x0"), [count, 2]),
      reference: data.sample(own.fold("reference"), count),
      sampler: own.fold("sampler"),
    }));
  const units = standardization(statistics(data.sample(key.fold("statistics"), 20_000)));
  return { data, budget, network: network(budget), units, key, sets, options };
}
