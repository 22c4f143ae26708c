import {
  type CountedMean,
  joinedMeans,
  type LatencySummary,
  meanOf,
  successRate,
} from "../../metrics/index.ts";
import type { Episode } from "./episode.ts";

/** What episodes came to, together. */
export interface EpisodeSummary {
  readonly episodes: number;
  /** The score: the mean over episodes of the largest reward in each, and its standard error (null for one episode). */
  readonly meanMaxReward: number;
  readonly meanMaxRewardStdErr: number | null;
  readonly successRate: number;
  /** Wilson's, 95 %. */
  readonly successInterval: readonly [low: number, high: number];
  /** Episodes whose largest reward is below 0.8: failures rather than imprecision. */
  readonly belowCount: number;
  readonly meanSteps: number;
  /** Evaluations of the network for a chunk. */
  readonly nfe: number;
  readonly jerk: { readonly inside: CountedMean; readonly boundary: CountedMean };
  readonly seeds: readonly number[];
}

export interface Evaluation extends EpisodeSummary {
  readonly policy: string;
  readonly task: string;
  readonly noiseSeed: number;
  readonly executeSteps: number;
  /** Of predictions for one observation each; null where they were not measured. */
  readonly latencyMs: LatencySummary | null;
  /** Of those, how many took longer than a control step. */
  readonly deadlineMisses: number | null;
}

const failedBelow = 0.8;

/** Throws "shape" for no episodes. */
export function summarize(episodes: readonly Episode[]): EpisodeSummary {
  const reward = meanOf(episodes.map(({ maxReward }) => maxReward));
  const count = episodes.length;
  const rate = successRate({ successes: episodes.filter(({ success }) => success).length, count });
  const mean = (of: (episode: Episode) => number) =>
    episodes.reduce((sum, episode) => sum + of(episode), 0) / count;
  return {
    episodes: count,
    meanMaxReward: reward.value,
    meanMaxRewardStdErr: count > 1 ? reward.stdError : null,
    successRate: rate.value,
    successInterval: [rate.low, rate.high],
    belowCount: episodes.filter(({ maxReward }) => maxReward < failedBelow).length,
    meanSteps: mean(({ steps }) => steps),
    nfe: mean(({ nfe }) => nfe),
    jerk: {
      inside: joinedMeans(episodes.map(({ jerk }) => jerk.inside)),
      boundary: joinedMeans(episodes.map(({ jerk }) => jerk.boundary)),
    },
    seeds: episodes.map(({ seed }) => seed),
  };
}
