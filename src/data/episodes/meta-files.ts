import { type FeatureStatistics, statisticNames, type WholeStatistics } from "./column-statistics.ts";
import { type Episodes, mapValues } from "./episodes.ts";
import { statisticsToJson, toNested } from "./statistics-json.ts";
import { dataPath, videoPath } from "./v3.ts";
import { type ParquetColumn, parquetBytes } from "./write-parquet.ts";

/** Where an episode was put, for its row of meta/episodes. */
export interface EpisodePlace {
  readonly index: number;
  /** Of its first frame, in the whole data set. */
  readonly from: number;
  readonly to: number;
  readonly tasks: readonly string[];
  /** Numbers of files, counted through all folders. */
  readonly dataFile: number;
  readonly metaFile: number;
  readonly videos: Readonly<
    Record<string, { readonly file: number; readonly fromSeconds: number; readonly toSeconds: number }>
  >;
  readonly statistics: Readonly<Record<string, WholeStatistics>>;
}

/** Files in a folder, and how large files of data and videos may grow [LeRobot's defaults]. */
export const chunksSize = 1000;
export const dataFileMegabytes = 100;
const videoFileMegabytes = 200;

const chunkOf = (file: number) => BigInt(Math.floor(file / chunksSize));
const fileOf = (file: number) => BigInt(file % chunksSize);

/** A file of meta/episodes: a row an episode. */
export function episodesFile(places: readonly EpisodePlace[]): Uint8Array {
  const integers = (name: string, of: (place: EpisodePlace) => bigint): ParquetColumn => ({
    name,
    type: "INT64",
    values: places.map(of),
  });
  return parquetBytes({
    columns: [
      integers("episode_index", ({ index }) => BigInt(index)),
      { name: "tasks", type: "STRING", depth: 1, values: places.map(({ tasks }) => [...tasks]) },
      integers("length", ({ from, to }) => BigInt(to - from)),
      integers("data/chunk_index", ({ dataFile }) => chunkOf(dataFile)),
      integers("data/file_index", ({ dataFile }) => fileOf(dataFile)),
      integers("dataset_from_index", ({ from }) => BigInt(from)),
      integers("dataset_to_index", ({ to }) => BigInt(to)),
      ...videoColumns(places),
      ...statisticColumns(places),
      integers("meta/episodes/chunk_index", ({ metaFile }) => chunkOf(metaFile)),
      integers("meta/episodes/file_index", ({ metaFile }) => fileOf(metaFile)),
    ],
  });
}

function videoColumns(places: readonly EpisodePlace[]): ParquetColumn[] {
  return Object.keys(places[0]?.videos ?? {}).flatMap((key): ParquetColumn[] => {
    const of = places.map(({ videos }) => videos[key]!);
    const name = (field: string) => `videos/${key}/${field}`;
    return [
      { name: name("chunk_index"), type: "INT64", values: of.map(({ file }) => chunkOf(file)) },
      { name: name("file_index"), type: "INT64", values: of.map(({ file }) => fileOf(file)) },
      { name: name("from_timestamp"), type: "DOUBLE", values: of.map(({ fromSeconds }) => fromSeconds) },
      { name: name("to_timestamp"), type: "DOUBLE", values: of.map(({ toSeconds }) => toSeconds) },
    ];
  });
}

function statisticColumns(places: readonly EpisodePlace[]): ParquetColumn[] {
  return Object.entries(places[0]?.statistics ?? {}).flatMap(([key, { mean }]): ParquetColumn[] => [
    ...statisticNames.map(
      (name): ParquetColumn => ({
        name: `stats/${key}/${name}`,
        type: "DOUBLE",
        depth: mean.shape.length,
        values: places.map(({ statistics }) => toNested(statistics[key]![name])),
      }),
    ),
    {
      name: `stats/${key}/count`,
      type: "INT64",
      depth: 1,
      values: places.map(({ statistics }) => [BigInt(statistics[key]!.count)]),
    },
  ]);
}

/** meta/tasks.parquet: pandas keeps the text in the index, and LeRobot looks for it there. */
export function tasksFile(tasks: readonly string[]): Uint8Array {
  const column = (name: string, kind: string, numpy: string) => ({
    ...{ name, field_name: name, pandas_type: kind, numpy_type: numpy },
    metadata: null,
  });
  const pandas = {
    index_columns: ["task"],
    column_indexes: [
      {
        ...{ name: null, field_name: null, pandas_type: "unicode", numpy_type: "object" },
        metadata: { encoding: "UTF-8" },
      },
    ],
    columns: [column("task_index", "int64", "int64"), column("task", "unicode", "object")],
    creator: { library: "advect", version: "0" },
    pandas_version: "2.2.3",
  };
  return parquetBytes({
    columns: [
      { name: "task_index", type: "INT64", values: tasks.map((_, i) => BigInt(i)) },
      { name: "task", type: "STRING", values: [...tasks] },
    ],
    metadata: { pandas: JSON.stringify(pandas) },
  });
}

export function statsFile(statistics: Readonly<Record<string, FeatureStatistics>>): Uint8Array {
  return jsonBytes(statisticsToJson(statistics));
}

/** What meta/info.json counts. */
export interface InfoRequest extends Pick<Episodes, "fps" | "robotType" | "features"> {
  readonly episodes: number;
  readonly frames: number;
  readonly tasks: number;
}

export function infoFile({ fps, robotType, features, episodes, frames, tasks }: InfoRequest): Uint8Array {
  const hasVideo = Object.values(features).some(({ dtype }) => dtype === "video");
  return jsonBytes({
    codebase_version: "v3.0",
    robot_type: robotType ?? null,
    total_episodes: episodes,
    total_frames: frames,
    total_tasks: tasks,
    chunks_size: chunksSize,
    data_files_size_in_mb: dataFileMegabytes,
    video_files_size_in_mb: videoFileMegabytes,
    fps,
    splits: { train: `0:${episodes}` },
    data_path: dataPath,
    video_path: hasVideo ? videoPath : null,
    features: mapValues(features, ({ dtype, shape, names, info }) => ({
      dtype,
      shape,
      names: names ?? null,
      ...(info && { info }),
    })),
  });
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 4)}\n`);
}
