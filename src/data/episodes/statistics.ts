import { sizeOf } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { columnStatistics, type WholeStatistics } from "./column-statistics.ts";
import { columnOf, type Episodes } from "./episodes.ts";

/**
 * Statistics of features over all frames; of every feature that is numbers, bookkeeping and pictures apart, unless
 * named. Throws "option" for a feature that is not there, "numerical" for values that are not finite.
 */
export function episodeStatistics(
  set: Episodes,
  keys: readonly string[] = statisticKeys(set),
): Record<string, WholeStatistics> {
  return Object.fromEntries(
    keys.map((key) => {
      const column = columnOf(set, key);
      const at = column.data.findIndex((value: number | bigint) => !Number.isFinite(Number(value)));
      if (at === -1) return [key, columnStatistics(column)];
      throw new AdvectError("numerical", set.name, {
        expected: `finite values in ${key}`,
        got: `${column.data[at]} in frame ${Math.floor(at / sizeOf(column.shape.slice(1)))}`,
        fix: "Leave that episode out with selectEpisodes, or repair it: advect dataset validate lists them all.",
      });
    }),
  );
}

/** Features that training may want normalised: numbers of at most two axes that are not counters. */
export function statisticKeys(set: Episodes): string[] {
  const counters = ["timestamp", "frame_index", "episode_index", "index", "task_index"];
  return Object.keys(set.columns).filter(
    (key) => !counters.includes(key) && set.columns[key]!.shape.length <= 3,
  );
}
