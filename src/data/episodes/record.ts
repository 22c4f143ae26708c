import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { parseJson } from "../../engine/array/json.ts";
import { decodeUtf8, malformed } from "../../engine/array/malformed.ts";
import { AdvectError } from "../../engine/error.ts";
import type { Files } from "../../engine/platform/index.ts";
import { withBookkeeping } from "./bookkeeping.ts";
import { isNumeric } from "./column.ts";
import { type StatisticName, statisticNames, type WholeStatistics } from "./column-statistics.ts";
import { type Episodes, type Feature, mapValues } from "./episodes.ts";
import { platformFiles } from "./files.ts";
import { parseInfo } from "./info.ts";
import { withoutNaN } from "./lerobot.ts";
import type { MetaRequest } from "./meta.ts";
import { episodesFile } from "./meta-files.ts";
import type { ParquetTable } from "./parquet.ts";
import { statisticsFromJson } from "./statistics-json.ts";
import { dataPath, episodesPath, numbers, readEpisodeTables, readTasks, videoPath } from "./v3.ts";
import {
  addData,
  checkFeatures,
  commit,
  joinStatistics,
  nothing,
  numbered,
  put,
  type Target,
  type Written,
} from "./write.ts";

/** A LeRobotDataset v3.0 that grows. */
export interface EpisodeRecorder {
  readonly episodeCount: number;
  readonly frameCount: number;
  /**
   * Adds episodes; when it returns they are on the disk. A process that is killed meanwhile leaves the data set as it
   * was before, for `loadLeRobot` and for the next `recordEpisodes`. Throws "option" for other features or another
   * rate, "io".
   */
  add(set: Episodes): Promise<void>;
}

/**
 * Opens a data set to add episodes to: one that is there, or a new one, which begins with the first episode. Each call
 * of `add` writes files of its own, then meta/info.json, which makes them count. Throws "format" for a damaged data
 * set, "unsupported" for one that is not v3.0, "io".
 */
export async function recordEpisodes(
  folder: string,
  { files = platformFiles }: { readonly files?: Files } = {},
): Promise<EpisodeRecorder> {
  const target = { folder, files };
  const there = (await files.listFolder(`${folder}/meta`)).includes("info.json");
  let written = there ? await readWritten(target) : undefined;
  await removeLeftovers(target, written);
  let turn: Promise<void> = Promise.resolve();
  const add = async (set: Episodes) => {
    const { fps, robotType, features } = set;
    if (written) checkFeatures(withBookkeeping(set, written), written);
    const before = written ?? nothing({ fps, features, ...(robotType && { robotType }) });
    const added = await addData(target, { written: before, set });
    await put(target, numbered(episodesPath, before.metaFiles), episodesFile(added.places));
    const next = { ...added.written, metaFiles: before.metaFiles + 1 };
    await commit(target, next);
    written = next;
  };
  return {
    get episodeCount() {
      return written?.episodes ?? 0;
    },
    get frameCount() {
      return written?.frames ?? 0;
    },
    add(set) {
      const done = turn.then(() => add(set));
      turn = done.catch(() => {}); // the caller hears of it; the next episode has a chance of its own
      return done;
    },
  };
}

async function readWritten(target: Target): Promise<Written> {
  const path = `${target.folder}/meta/info.json`;
  const info = parseInfo(await target.files.readFile(path), path);
  if (info.version !== "v3.0") {
    throw new AdvectError("unsupported", target.folder, {
      expected: "a data set v3.0 to add to",
      got: info.version,
      fix: "Convert it first: advect dataset convert.",
    });
  }
  const request = { folder: target.folder, info, files: target.files };
  const tables = await readEpisodeTables(request);
  return {
    fps: info.fps,
    features: info.features,
    episodes: info.totalEpisodes,
    frames: info.totalFrames,
    tasks: await readTasks(`${target.folder}/meta/tasks.parquet`, target.files),
    metaFiles: tables.length,
    dataFiles: await nextFile(tables, { name: "data", request }),
    videoFiles: await nextVideoFiles(tables, request),
    statistics: (await storedStatistics(request)) ?? (await mergedStatistics(tables, info.features)),
    ...(info.robotType && { robotType: info.robotType }),
  };
}

interface FileRequest {
  /** Before "/chunk_index" and "/file_index". */
  readonly name: string;
  readonly request: MetaRequest;
}

type Tables = readonly { readonly table: ParquetTable; readonly path: string }[];

/** The number after the largest that episodes point to. */
async function nextFile(tables: Tables, { name, request }: FileRequest): Promise<number> {
  let next = 0;
  for (const { table, path } of tables) {
    const chunks = await numbers(table, { name: `${name}/chunk_index`, where: path });
    const inChunk = await numbers(table, { name: `${name}/file_index`, where: path });
    chunks.forEach((chunk, row) => {
      next = Math.max(next, chunk * request.info.chunksSize + inChunk[row]! + 1);
    });
  }
  return next;
}

async function nextVideoFiles(tables: Tables, request: MetaRequest): Promise<Record<string, number>> {
  const next: Record<string, number> = {};
  for (const [key, { dtype }] of Object.entries(request.info.features)) {
    if (dtype === "video") next[key] = await nextFile(tables, { name: `videos/${key}`, request });
  }
  return next;
}

/** Those of meta/stats.json, unless a killed process wrote it for frames that do not count, or it lacks some. */
async function storedStatistics({
  folder,
  info,
  files,
}: MetaRequest): Promise<Record<string, WholeStatistics> | undefined> {
  const path = `${folder}/meta/stats.json`;
  const text = await files.readFile(path).then(
    (bytes) => decodeUtf8(bytes, path, "text"),
    () => undefined,
  );
  if (text === undefined) return undefined;
  const stored = statisticsFromJson(parseJson(withoutNaN(text), path, "JSON"), path);
  const numeric = Object.keys(info.features).filter((key) => isNumeric(info.features[key]!));
  const isWhole = numeric.every(
    (key) =>
      stored[key]?.count === info.totalFrames &&
      statisticNames.every((name) => stored[key]?.[name] !== undefined),
  );
  return isWhole ? (stored as Record<string, WholeStatistics>) : undefined;
}

/** Statistics of all episodes from those of each: what a killed process left in stats.json does not count. */
async function mergedStatistics(
  tables: Tables,
  features: Written["features"],
): Promise<Record<string, WholeStatistics>> {
  let sum: Record<string, WholeStatistics> = {};
  for (const { table, path } of tables) {
    const keys = Object.keys(features).filter((key) => table.names.includes(`stats/${key}/mean`));
    const columns = await Promise.all(keys.map((key) => statisticColumns(table, { key, where: path })));
    for (let row = 0; row < table.rows; row++) {
      const own = keys.map((key, i) => [
        key,
        statisticsOfRow(columns[i]!, { row, feature: features[key]!, where: `${path}, stats/${key}` }),
      ]);
      sum = joinStatistics(sum, Object.fromEntries(own));
    }
  }
  return sum;
}

type StatisticColumns = Readonly<Record<StatisticName | "count", readonly unknown[]>>;

async function statisticColumns(
  table: ParquetTable,
  { key, where }: { readonly key: string; readonly where: string },
): Promise<StatisticColumns> {
  const entries = [...statisticNames, "count"].map(async (name) => {
    const column = `stats/${key}/${name}`;
    if (table.names.includes(column)) return [name, await table.column(column)] as const;
    throw malformed(where, `column ${column}`, { expected: "one", got: "none" });
  });
  return Object.fromEntries(await Promise.all(entries)) as StatisticColumns;
}

function statisticsOfRow(
  columns: StatisticColumns,
  { row, feature, where }: { readonly row: number; readonly feature: Feature; readonly where: string },
): WholeStatistics {
  const isImage = feature.dtype === "image" || feature.dtype === "video";
  const flat = (value: unknown) => [value].flat(8).map(Number);
  const { count, ...arrays } = mapValues(columns, (column) => Float64Array.from(flat(column[row])));
  const wrap = (data: Float64Array): NdArray<"float64"> =>
    ndarray(data, isImage ? [data.length, 1, 1] : feature.shape, "float64");
  const frames = count?.[0] ?? 0;
  if (frames > 0) return { ...(mapValues(arrays, wrap) as Omit<WholeStatistics, "count">), count: frames };
  throw malformed(where, `row ${row}`, { expected: "a count of frames", got: frames });
}

/** The file that a killed process wrote and never made count would stand in the way of programs that read all files. */
async function removeLeftovers({ folder, files }: Target, written: Written | undefined): Promise<void> {
  const { dataFiles = 0, metaFiles = 0, videoFiles = {} } = written ?? {};
  const paths = [numbered(dataPath, dataFiles), numbered(episodesPath, metaFiles)];
  for (const [key, file] of Object.entries(videoFiles)) paths.push(numbered(videoPath, file, key));
  for (const path of paths) {
    const cut = path.lastIndexOf("/");
    const parent = `${folder}/${path.slice(0, cut)}`;
    const left = (await files.listFolder(parent)).filter((name) => isLeftover(name, path.slice(cut + 1)));
    for (const name of left) await files.removePath(`${parent}/${name}`);
  }
}

const isLeftover = (name: string, next: string) => name === next || /^\..*\.tmp$/.test(name);
