import { type DType, type NdArray, ndarray } from "../../engine/array/index.ts";
import { type Episodes, type Feature, frameCount, mapValues } from "./episodes.ts";
import { imagePng } from "./png.ts";

/** What comes before these episodes in the data set that they are added to. */
export interface Before {
  readonly episodes: number;
  readonly frames: number;
  readonly tasks: readonly string[];
}

const scalar = (dtype: string): Feature => ({ dtype, shape: [1] });

/** The features that every LeRobotDataset has beside its own. */
export const bookkeepingFeatures: Readonly<Record<string, Feature>> = {
  timestamp: scalar("float32"),
  frame_index: scalar("int64"),
  episode_index: scalar("int64"),
  index: scalar("int64"),
  task_index: scalar("int64"),
};

/**
 * The episodes as they are to be written: numbered on from those before, with all bookkeeping columns, timestamps as
 * recorded or frame_index / fps, tasks joined to those that are known, pictures of uint8 [height, width, channels]
 * encoded, and without videos that have no file.
 */
export function withBookkeeping(given: Episodes, before: Before): Episodes {
  const set = withPictures(withoutEmptyVideos(given));
  const tasks = [...new Set([...before.tasks, ...set.tasks])];
  const columns = { ...set.columns, ...counters(set, before), task_index: taskColumn(set, tasks) };
  const timestamp = set.columns.timestamp ?? timestamps(set);
  const { timestamp: _, ...others } = bookkeepingFeatures;
  return {
    ...set,
    tasks,
    columns: { ...columns, timestamp },
    features: {
      ...set.features,
      timestamp: set.features.timestamp ?? bookkeepingFeatures.timestamp!,
      ...others,
    },
    episodes: set.episodes.map((episode, i) => ({ ...episode, index: before.episodes + i })),
  };
}

const column = (values: BigInt64Array) => ndarray(values, [values.length, 1], "int64");

function counters(set: Episodes, before: Before): Record<string, NdArray<"int64">> {
  const rows = frameCount(set);
  const [frame, episode] = [new BigInt64Array(rows), new BigInt64Array(rows)];
  set.episodes.forEach(({ start, end }, i) => {
    for (let row = start; row < end; row++) {
      frame[row] = BigInt(row - start);
      episode[row] = BigInt(before.episodes + i);
    }
  });
  const index = BigInt64Array.from({ length: rows }, (_, row) => BigInt(before.frames + row));
  return { frame_index: column(frame), episode_index: column(episode), index: column(index) };
}

function timestamps(set: Episodes): NdArray<"float32"> {
  const seconds = new Float32Array(frameCount(set));
  for (const { start, end } of set.episodes) {
    for (let row = start; row < end; row++) seconds[row] = (row - start) / set.fps;
  }
  return ndarray(seconds, [seconds.length, 1], "float32");
}

/** Of each frame, or else of its episode. */
function taskColumn(set: Episodes, tasks: readonly string[]): NdArray<"int64"> {
  const given = set.columns.task_index?.data;
  const places = new BigInt64Array(frameCount(set));
  for (const { start, end, tasks: own } of set.episodes) {
    for (let row = start; row < end; row++) {
      const text = given ? set.tasks[Number(given[row])] : own[0];
      places[row] = BigInt(Math.max(0, tasks.indexOf(text ?? "")));
    }
  }
  return column(places);
}

/** A published data set may describe cameras whose files it does not have. */
function withoutEmptyVideos(set: Episodes): Episodes {
  const there = new Set(set.episodes.flatMap(({ videos }) => Object.keys(videos ?? {})));
  const empty = Object.keys(set.features).filter(
    (key) => set.features[key]!.dtype === "video" && !there.has(key),
  );
  return withoutFeatures(set, empty);
}

/** The data set without some of its features; bookkeeping and unknown ones are passed over. */
export function withoutFeatures(set: Episodes, keys: readonly string[]): Episodes {
  const less = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
  return {
    ...set,
    features: less(set.features),
    columns: less(set.columns),
    texts: less(set.texts),
    images: less(set.images),
    episodes: set.episodes.map(({ videos, ...episode }) => ({
      ...episode,
      ...(videos && { videos: less(videos) }),
    })),
    ...(set.statistics && { statistics: less(set.statistics) }),
  };
}

/** Columns of pictures, uint8 [frames, height, width, 1 to 4 channels], as encoded pictures. */
export function withPictures(set: Episodes): Episodes {
  const keys = Object.keys(set.columns).filter((key) => isPicture(set.columns[key]!));
  if (keys.length === 0) return set;
  const { columns, features } = withoutFeatures(set, keys);
  const encoded = keys.map((key) => [key, pictures(set.columns[key] as NdArray<"uint8">)] as const);
  const described = keys.map((key) => [key, { ...set.features[key]!, dtype: "image" }] as const);
  return {
    ...set,
    columns,
    images: { ...set.images, ...Object.fromEntries(encoded) },
    features: { ...features, ...Object.fromEntries(described) },
  };
}

function isPicture({ dtype, shape }: NdArray<DType>): boolean {
  return dtype === "uint8" && shape.length === 4 && shape[3]! >= 1 && shape[3]! <= 4;
}

function pictures({ data, shape }: NdArray<"uint8">): Uint8Array[] {
  const [count, ...size] = shape as [number, number, number, number];
  const length = data.length / Math.max(1, count);
  return Array.from({ length: count }, (_, i) =>
    imagePng(ndarray(data.subarray(i * length, (i + 1) * length), size, "uint8")),
  );
}

/** Element type and shape of every feature, to compare data sets by. */
export function signatureOf(features: Episodes["features"]): string {
  const entries = Object.entries(mapValues(features, ({ dtype, shape }) => `${dtype}[${shape}]`));
  return entries
    .map(([name, type]) => `${name} ${type}`)
    .toSorted()
    .join(", ");
}
