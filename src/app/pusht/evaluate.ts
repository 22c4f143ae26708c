import type { Clock } from "../../engine/clock.ts";
import {
  type Episode,
  type Evaluation,
  type EvaluationProgress,
  evaluate,
  type Method,
} from "../../robot/index.ts";
import { savePictures } from "./pictures.ts";
import { policyVersion } from "./version.ts";

/** Where the published protocol begins, and how many episodes it has. */
export const publishedSeeds = { from: 100000, count: 50 } as const;

export interface EvaluatePushtOptions {
  /** The folder of a policy, a checkpoint or a run. */
  readonly policy: string;
  /** Where episodes, evaluation.json and pictures go, and where an interrupted evaluation goes on. */
  readonly folder: string;
  /** The first of the seeds; 100000, as published, unless given. */
  readonly from?: number;
  /** 50 unless given. */
  readonly count?: number;
  readonly noiseSeed?: number;
  /** Words of the method in the place of the policy's own, such as { steps: 10 }. */
  readonly method?: Partial<Method>;
  readonly executeSteps?: number;
  readonly workers?: number;
  readonly groupSize?: number;
  readonly latencyCount?: number;
  /** Pictures, unless false. */
  readonly pictures?: boolean;
  readonly progress?: (state: EvaluationProgress) => void;
  readonly warn?: (message: string) => void;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

export interface PushtEvaluation {
  readonly evaluation: Evaluation;
  readonly episodes: readonly Episode[];
  readonly folder: string;
  /** Names in the folder. */
  readonly files: readonly string[];
}

/** Plays PushT from seeds one after another, as published, and writes all about it into a folder. Throws as `evaluate`. */
export async function evaluatePusht(options: EvaluatePushtOptions): Promise<PushtEvaluation> {
  const { policy, folder, from = publishedSeeds.from, count = publishedSeeds.count, method } = options;
  const { pictures = true, warn, ...rest } = options;
  const words = method ? ` ${JSON.stringify(method)}` : "";
  const { evaluation, episodes } = await evaluate({
    ...rest,
    task: "pusht",
    policy: { folder: policy, ...(method && { method }) },
    seeds: Array.from({ length: count }, (_, i) => from + i),
    version: `${await policyVersion(policy)}${words}`,
  });
  const drawn = pictures ? await savePictures(folder, episodes, { ...(warn && { warn }) }) : [];
  return { evaluation, episodes, folder, files: ["evaluation.json", "episodes.jsonl", ...drawn] };
}
