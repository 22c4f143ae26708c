import { malformed } from "../../engine/array/malformed.ts";
import type { Files } from "../../engine/platform/index.ts";
import type { Episode, VideoPart } from "./episodes.ts";
import { fillTemplate, type Info } from "./info.ts";
import type { Meta, MetaRequest } from "./meta.ts";
import { type ParquetTable, parseParquet } from "./parquet.ts";

export const dataPath = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet";
export const videoPath = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4";
export const episodesPath = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet";

/** meta/ of a LeRobotDataset v3.0. info.json counts: what a killed recorder began after it is passed over. */
export async function readMetaV3({ folder, info, files }: MetaRequest): Promise<Meta> {
  const tasks = await readTasks(`${folder}/meta/tasks.parquet`, files);
  const rows: EpisodeRow[] = [];
  for (const { table, path } of await readEpisodeTables({ folder, info, files })) {
    rows.push(...(await readEpisodeRows(table, { info, path })));
  }
  const kept = rows.slice(0, info.totalEpisodes);
  return {
    tasks,
    episodes: kept.map((row) => toEpisode(row, { folder, info })),
    dataFiles: dataFilesOf(kept, { folder, info }),
  };
}

/** The files of meta/episodes, from the first to the one with the last episode that info.json counts. */
export async function readEpisodeTables({
  folder,
  info,
  files,
}: MetaRequest): Promise<{ table: ParquetTable; path: string }[]> {
  const tables: { table: ParquetTable; path: string }[] = [];
  for (let file = 0, rows = 0; rows < info.totalEpisodes; file++) {
    const path = `${folder}/${fillTemplate(episodesPath, place(file, info), folder)}`;
    const table = parseParquet(await files.readFile(path), path);
    if (table.rows === 0) throw malformed(path, "rows", { expected: "at least one episode", got: 0 });
    tables.push({ table, path });
    rows += table.rows;
  }
  return tables;
}

/** Files are numbered through; a folder holds `chunksSize` of them. */
export function place(
  file: number,
  { chunksSize }: Pick<Info, "chunksSize">,
): { chunk_index: number; file_index: number } {
  return { chunk_index: Math.floor(file / chunksSize), file_index: file % chunksSize };
}

interface EpisodeRow {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly tasks: readonly string[];
  readonly data: { readonly chunk_index: number; readonly file_index: number };
  readonly videos: Readonly<Record<string, VideoRow>>;
}

interface VideoRow {
  readonly chunk_index: number;
  readonly file_index: number;
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

async function readEpisodeRows(
  table: ParquetTable,
  { info, path }: { readonly info: Info; readonly path: string },
): Promise<EpisodeRow[]> {
  const required = (name: string) => numbers(table, { name, where: path });
  const optional = (name: string) => (table.names.includes(name) ? required(name) : undefined);
  const index = await required("episode_index");
  const start = await required("dataset_from_index");
  const end = await required("dataset_to_index");
  const chunk = await optional("data/chunk_index");
  const file = await optional("data/file_index");
  const tasks = table.names.includes("tasks") ? await table.column("tasks") : [];
  const videos = await readVideoRows(table, { info, path });
  return index.map((value, row) => ({
    index: value,
    start: start[row]!,
    end: end[row]!,
    tasks: Array.isArray(tasks[row]) ? (tasks[row] as unknown[]).map(String) : [],
    data: { chunk_index: chunk?.[row] ?? 0, file_index: file?.[row] ?? 0 },
    videos: Object.fromEntries(videos.map(({ key, rows }) => [key, rows[row]!])),
  }));
}

async function readVideoRows(
  table: ParquetTable,
  { info, path }: { readonly info: Info; readonly path: string },
): Promise<{ key: string; rows: VideoRow[] }[]> {
  const found: { key: string; rows: VideoRow[] }[] = [];
  for (const [key, { dtype }] of Object.entries(info.features)) {
    if (dtype !== "video" || !table.names.includes(`videos/${key}/file_index`)) continue;
    const column = (name: string) => numbers(table, { name: `videos/${key}/${name}`, where: path });
    const chunk = await column("chunk_index");
    const file = await column("file_index");
    const from = await column("from_timestamp");
    const to = await column("to_timestamp");
    const rows = chunk.map((chunk_index, row) => ({
      chunk_index,
      file_index: file[row]!,
      fromSeconds: from[row]!,
      toSeconds: to[row]!,
    }));
    found.push({ key, rows });
  }
  return found;
}

/** A column of whole numbers from 0, or of seconds. Throws "format". */
export async function numbers(
  table: ParquetTable,
  { name, where }: { readonly name: string; readonly where: string },
): Promise<number[]> {
  if (!table.names.includes(name)) {
    throw malformed(where, `column ${name}`, { expected: "one", got: "none" });
  }
  const values = await table.column(name);
  return values.map((value, row) => {
    const number = typeof value === "bigint" || typeof value === "number" ? Number(value) : Number.NaN;
    if (number >= 0 && (Number.isSafeInteger(number) || name.endsWith("timestamp"))) return number;
    throw malformed(where, `column ${name}, row ${row}`, { expected: "a number >= 0", got: String(value) });
  });
}

function toEpisode(
  { index, start, end, tasks, videos }: EpisodeRow,
  { folder, info }: { readonly folder: string; readonly info: Info },
): Episode {
  const part = (key: string, { chunk_index, file_index, fromSeconds, toSeconds }: VideoRow): VideoPart => ({
    path: `${folder}/${fillTemplate(info.videoPath ?? videoPath, { video_key: key, chunk_index, file_index }, folder)}`,
    fromSeconds,
    toSeconds,
  });
  const parts = Object.entries(videos).map(([key, row]) => [key, part(key, row)] as const);
  return { index, start, end, tasks, ...(parts.length > 0 && { videos: Object.fromEntries(parts) }) };
}

/** Each file once, in the order of its rows. */
function dataFilesOf(
  rows: readonly EpisodeRow[],
  { folder, info }: { readonly folder: string; readonly info: Info },
): string[][] {
  const paths = rows
    .toSorted((a, b) => a.start - b.start)
    .map(({ data }) => `${folder}/${fillTemplate(info.dataPath ?? dataPath, data, folder)}`);
  return [...new Set(paths)].map((path) => [path]);
}

/** Texts by task_index: pandas keeps them in the index, whose column its metadata names. */
export async function readTasks(path: string, files: Files): Promise<string[]> {
  const table = parseParquet(await files.readFile(path), path);
  const index = await numbers(table, { name: "task_index", where: path });
  const name = ["task", indexColumn(table.metadata.pandas), "__index_level_0__"].find(
    (candidate) => candidate !== undefined && table.names.includes(candidate),
  );
  if (!name) throw malformed(path, "column task", { expected: "one", got: `${table.names}` });
  const texts = await table.column(name);
  const tasks: string[] = [];
  index.forEach((place, row) => {
    if (place < index.length && tasks[place] === undefined && typeof texts[row] === "string") {
      tasks[place] = texts[row];
      return;
    }
    throw malformed(path, `row ${row}`, {
      expected: `a text and its own index below ${index.length}`,
      got: place,
    });
  });
  return tasks;
}

function indexColumn(pandas: string | undefined): string | undefined {
  try {
    const column: unknown = JSON.parse(pandas ?? "").index_columns[0];
    return typeof column === "string" ? column : undefined;
  } catch {
    return undefined; // the other names are tried
  }
}
