import type { Clock } from "../../engine/clock.ts";
import type { Key } from "../../engine/random/index.ts";
import type { Episode } from "./episode.ts";
import type { RolloutJob } from "./job.ts";
import type { EpisodeRecord } from "./record.ts";
import type { Runner } from "./runner.ts";
import { summarize } from "./summary.ts";
import type { TaskName } from "./task.ts";

export interface EvaluationProgress {
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number;
  /** Of the episodes so far. */
  readonly meanMaxReward: number;
  readonly successCount: number;
}

export interface Playing {
  readonly task: TaskName;
  readonly seeds: readonly number[];
  readonly maxSteps?: number;
  readonly groupSize?: number;
  readonly progress?: (state: EvaluationProgress) => void;
  readonly executeSteps: number;
  readonly noise: Key;
  readonly record: EpisodeRecord | undefined;
  readonly runner: Runner;
  readonly clock: Clock;
}

/** The episodes of the seeds: those of the record, and groups of which one is missing, played by whoever is free. */
export async function play(playing: Playing): Promise<Episode[]> {
  const { seeds, groupSize = 10, record, runner, clock, progress } = playing;
  const done = new Map(record?.done);
  const isMissing = (seed: number) => !done.has(seed);
  const missing = groupsOf(seeds, groupSize).filter((group) => group.some(isMissing));
  const total = seeds.length;
  const before = seeds.filter((seed) => !isMissing(seed)).length;
  const started = clock.nowMs();
  let next = 0;
  const work = async (lane: number) => {
    while (next < missing.length) {
      const group = missing[next++]!;
      for (const episode of await runner.run(jobOf(playing, group), lane)) {
        if (isMissing(episode.seed)) await record?.append(episode);
        done.set(episode.seed, episode);
      }
      progress?.(
        progressOf({
          episodes: seeds.flatMap((seed) => done.get(seed) ?? []),
          total,
          before,
          seconds: (clock.nowMs() - started) / 1000,
        }),
      );
    }
  };
  await Promise.all(Array.from({ length: Math.min(runner.count, missing.length) }, (_, i) => work(i)));
  return seeds.map((seed) => done.get(seed)!);
}

function jobOf({ task, noise, executeSteps, maxSteps }: Playing, seeds: readonly number[]): RolloutJob {
  const job = { task, seeds, keyWords: [...noise.words], executeSteps };
  return maxSteps === undefined ? job : { ...job, maxSteps };
}

function groupsOf(seeds: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(seeds.length / size) }, (_, i) =>
    seeds.slice(i * size, (i + 1) * size),
  );
}

function progressOf({
  episodes,
  total,
  before,
  seconds,
}: {
  readonly episodes: readonly Episode[];
  readonly total: number;
  readonly before: number;
  readonly seconds: number;
}): EvaluationProgress {
  const { meanMaxReward } = summarize(episodes);
  const done = episodes.length;
  const successCount = episodes.filter(({ success }) => success).length;
  return {
    done,
    total,
    secondsLeft: (seconds / (done - before)) * (total - done),
    meanMaxReward,
    successCount,
  };
}
