import { allocate, type DType, type NdArray, ndarray, type Shape, sizeOf } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { FeatureStatistics } from "./column-statistics.ts";

/** One quantity that every frame has, as meta/info.json describes it. */
export interface Feature {
  /** numpy's name of the element type; or "image", "video", "string". */
  readonly dtype: string;
  /** Of one frame; [1] for a scalar. */
  readonly shape: Shape;
  /** What the elements are called, where the data set says. */
  readonly names?: readonly string[];
  /** Of videos: codec and the like, as the file says. */
  readonly info?: Readonly<Record<string, unknown>>;
}

/** Part of a video file. */
export interface VideoPart {
  readonly path: string;
  /** Where the first frame of the episode lies in the file. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** A recording from reset to end: rows start … end - 1 of every column. */
export interface Episode {
  /** Its number in the files; not its place in a selection. */
  readonly index: number;
  readonly start: number;
  readonly end: number;
  /** What was asked of the robot, in words. */
  readonly tasks: readonly string[];
  /** By feature, of those that have a file. */
  readonly videos?: Readonly<Record<string, VideoPart>>;
}

/** Recorded episodes of one robot: a LeRobotDataset, a replay buffer of diffusion_policy, or arrays. */
export interface Episodes {
  /** Where they come from, for messages. */
  readonly name: string;
  readonly fps: number;
  readonly robotType?: string;
  readonly features: Readonly<Record<string, Feature>>;
  /** [frames, ...feature shape] of every feature that is numbers; timestamp in seconds from the start of its episode. */
  readonly columns: Readonly<Record<string, NdArray<DType>>>;
  /** Of features of dtype "string". */
  readonly texts: Readonly<Record<string, readonly string[]>>;
  /** Of features of dtype "image": an encoded picture a frame. */
  readonly images: Readonly<Record<string, readonly Uint8Array[]>>;
  readonly episodes: readonly Episode[];
  /** task_index points into it. */
  readonly tasks: readonly string[];
  /** As stored beside the data; `episodeStatistics` computes them anew. */
  readonly statistics?: Readonly<Record<string, FeatureStatistics>>;
}

/** Frames in all episodes. */
export function frameCount({ episodes }: Pick<Episodes, "episodes">): number {
  return episodes.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** The column of a feature. Throws "option", naming those that are there. */
export function columnOf(set: Episodes, key: string): NdArray<DType> {
  const column = Object.hasOwn(set.columns, key) ? set.columns[key] : undefined;
  if (column) return column;
  throw new AdvectError("option", set.name, {
    expected: `one of the features ${Object.keys(set.columns).join(", ")}`,
    got: key,
    fix: "Choose features that the data set has numbers for.",
  });
}

/** The same episodes, rows renumbered: those at the places `chosen`, in that order. Throws "option" for a place outside. */
export function selectEpisodes(set: Episodes, chosen: Iterable<number>): Episodes {
  const old = Array.from(chosen, (place) => set.episodes[place] ?? noEpisode(set, place));
  let next = 0;
  const episodes = old.map((episode) => {
    const start = next;
    next += episode.end - episode.start;
    return { ...episode, start, end: next };
  });
  const parts = <T>(list: readonly T[]) => old.flatMap(({ start, end }) => list.slice(start, end));
  const { statistics: _, ...rest } = set; // they were of all episodes
  return {
    ...rest,
    episodes,
    columns: mapValues(set.columns, (column) => takeParts(column, old)),
    texts: mapValues(set.texts, parts),
    images: mapValues(set.images, parts),
  };
}

function takeParts(column: NdArray<DType>, parts: readonly Pick<Episode, "start" | "end">[]): NdArray<DType> {
  const [, ...shape] = column.shape;
  const size = sizeOf(shape);
  const count = parts.reduce((sum, { start, end }) => sum + end - start, 0);
  const data = allocate(column.dtype, count * size);
  let at = 0;
  for (const { start, end } of parts) {
    (data as Float32Array).set((column.data as Float32Array).subarray(start * size, end * size), at);
    at += (end - start) * size;
  }
  return ndarray(data, [count, ...shape], column.dtype);
}

export function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  fn: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, fn(value, key)]));
}

function noEpisode(set: Episodes, place: number): never {
  throw new AdvectError("option", set.name, {
    expected: `episodes 0 to ${set.episodes.length - 1}`,
    got: place,
  });
}
