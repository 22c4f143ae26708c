import type { DType, NdArray } from "../../engine/array/index.ts";
import { sizeOf } from "../../engine/array/index.ts";
import { columnStatistics } from "./column-statistics.ts";
import { columnOf, type Episode, type Episodes } from "./episodes.ts";

/** Something about a data set that is wrong, or that will surprise. */
export interface Problem {
  /** An error makes results wrong or programs fail; a warning may be meant so. */
  readonly severity: "error" | "warning";
  /** A file, a feature or an episode. */
  readonly where: string;
  /** What is there, and what should be. */
  readonly message: string;
}

/** LeRobot's tolerance between timestamps and frames. */
const toleranceSeconds = 1e-4;

/** What is wrong with the values of a data set, whatever file it came from. */
export function findProblems(set: Episodes): Problem[] {
  return [
    ...episodeProblems(set),
    ...set.episodes.flatMap((episode) => [...timeProblems(set, episode), ...counterProblems(set, episode)]),
    ...Object.keys(set.columns).flatMap((key) => valueProblems(set, key)),
    ...taskProblems(set),
  ];
}

const error = (where: string, message: string): Problem => ({ severity: "error", where, message });
const warning = (where: string, message: string): Problem => ({ severity: "warning", where, message });
const episodeName = ({ index }: Episode) => `episode ${index}`;

/** Episodes must follow one another without gap or overlap. */
function episodeProblems({ name, episodes }: Episodes): Problem[] {
  if (episodes.length === 0) return [error(name, "There is no episode.")];
  return episodes.flatMap((episode, i) => {
    const expected = episodes[i - 1]?.end ?? 0;
    const found: Problem[] = [];
    if (episode.start !== expected) {
      found.push(
        error(episodeName(episode), `It begins at row ${episode.start}; the one before ends at ${expected}.`),
      );
    }
    if (episode.index !== i) found.push(warning(episodeName(episode), `It is number ${i} in the files.`));
    return found;
  });
}

/** Timestamps must be 1 / fps apart, and begin at 0; only the first gap of an episode is told. */
function timeProblems(set: Episodes, episode: Episode): Problem[] {
  const data = set.columns.timestamp?.data;
  if (!data) return [];
  const { start, end } = episode;
  const found: Problem[] = [];
  const first = Number(data[start]);
  if (Math.abs(first) > toleranceSeconds) {
    found.push(warning(episodeName(episode), `Its first timestamp is ${first} s instead of 0.`));
  }
  for (let row = start + 1; row < end; row++) {
    const step = Number(data[row]) - Number(data[row - 1]);
    // float32 seconds carry an error of their own
    const tolerance = toleranceSeconds + 1.2e-7 * Math.abs(Number(data[row]));
    if (Math.abs(step - 1 / set.fps) <= tolerance) continue;
    const message = `${short(step)} s pass between frames ${row - 1 - start} and ${row - start}; at ${set.fps} fps it should be ${short(1 / set.fps)} s.`;
    return [...found, error(episodeName(episode), message)];
  }
  return found;
}

const short = (value: number) => Number(value.toPrecision(6));

/** The bookkeeping columns must count what they are named after. */
function counterProblems(set: Episodes, episode: Episode): Problem[] {
  const { start, end, index } = episode;
  const expectations: [string, (row: number) => number][] = [
    ["frame_index", (row) => row - start],
    ["episode_index", () => index],
    ["index", (row) => row],
  ];
  return expectations.flatMap(([key, expected]) => {
    const data = set.columns[key]?.data;
    if (!data) return [];
    for (let row = start; row < end; row++) {
      if (Number(data[row]) === expected(row)) continue;
      return [
        error(
          episodeName(episode),
          `${key} of frame ${row - start} is ${data[row]} instead of ${expected(row)}.`,
        ),
      ];
    }
    return [];
  });
}

/** NaN, infinity, and names that do not fit. */
function valueProblems(set: Episodes, key: string): Problem[] {
  const column = columnOf(set, key);
  const { names, shape } = set.features[key] ?? { shape: column.shape.slice(1) };
  const found: Problem[] = [];
  if (names && names.length !== shape.at(-1)) {
    found.push(warning(key, `It has ${names.length} names for ${shape.at(-1)} elements.`));
  }
  const bad = notFinite(column);
  if (bad.count > 0) {
    const { episode, frame } = placeOf(set, bad.row);
    found.push(
      error(
        key,
        `${bad.count} values are not finite; the first is ${bad.value} in frame ${frame} of ${episode}.`,
      ),
    );
  }
  return found;
}

function notFinite({ data, shape }: NdArray<DType>): { count: number; row: number; value: number } {
  const size = Math.max(1, sizeOf(shape.slice(1)));
  let [count, row, value] = [0, -1, 0];
  if (data instanceof BigInt64Array) return { count, row, value };
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    if (count++ === 0) [row, value] = [Math.floor(i / size), data[i]!];
  }
  return { count, row, value };
}

function placeOf({ episodes }: Episodes, row: number): { episode: string; frame: number } {
  const episode = episodes.find(({ start, end }) => start <= row && row < end);
  return episode
    ? { episode: episodeName(episode), frame: row - episode.start }
    : { episode: "no episode", frame: row };
}

function taskProblems(set: Episodes): Problem[] {
  const data = set.columns.task_index?.data;
  if (!data) return [];
  const row = data.findIndex(
    (value: number | bigint) => Number(value) >= set.tasks.length || Number(value) < 0,
  );
  if (row === -1) return [];
  const { episode, frame } = placeOf(set, row);
  return [
    error(
      "task_index",
      `It is ${data[row]} in frame ${frame} of ${episode}; there are ${set.tasks.length} tasks.`,
    ),
  ];
}

/** Stored statistics must be those of the data: a policy normalised by others does not work. */
export function statisticProblems(set: Episodes): Problem[] {
  const stored = set.statistics;
  if (!stored) return [warning("meta/stats.json", "There are no statistics; training will compute them.")];
  return ["action", "observation.state"].flatMap((key) => {
    const column = set.columns[key];
    if (!column || column.data.length === 0) return [];
    if (!stored[key]) return [warning("meta/stats.json", `It has no statistics of ${key}.`)];
    const computed = columnStatistics(column);
    const wrong = (["min", "max"] as const).find((name) =>
      stored[key]![name]?.data.some((value, i) => {
        const scale = Math.max(computed.std.data[i]!, 1e-6);
        return !(Math.abs(value - computed[name].data[i]!) <= 1e-3 * scale + 1e-6 * Math.abs(value));
      }),
    );
    return wrong ? [warning("meta/stats.json", `${wrong} of ${key} is not that of the data.`)] : [];
  });
}
