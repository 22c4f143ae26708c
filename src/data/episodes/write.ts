import { AdvectError } from "../../engine/error.ts";
import type { Files } from "../../engine/platform/index.ts";
import { type Before, signatureOf, withBookkeeping, withPictures } from "./bookkeeping.ts";
import { columnStatistics, mergeStatistics, type WholeStatistics } from "./column-statistics.ts";
import { type Episodes, frameCount, mapValues, selectEpisodes } from "./episodes.ts";
import { platformFiles } from "./files.ts";
import { frameFile } from "./frame-file.ts";
import { fillTemplate } from "./info.ts";
import {
  chunksSize,
  dataFileMegabytes,
  type EpisodePlace,
  episodesFile,
  infoFile,
  statsFile,
  tasksFile,
} from "./meta-files.ts";
import { pictureStatistics } from "./picture-statistics.ts";
import { dataPath, episodesPath, place, videoPath } from "./v3.ts";

/** What lies in a folder so far. */
export interface Written extends Before, Pick<Episodes, "fps" | "robotType" | "features"> {
  /** Files, counted through all chunks. */
  readonly dataFiles: number;
  readonly metaFiles: number;
  readonly videoFiles: Readonly<Record<string, number>>;
  readonly statistics: Readonly<Record<string, WholeStatistics>>;
}

export interface Target {
  readonly folder: string;
  readonly files: Files;
}

/**
 * Writes a LeRobotDataset v3.0 into a new or empty folder. Episodes are renumbered from 0, videos are copied, pictures
 * become PNG. meta/info.json comes last: a folder without it is not a data set yet. Throws "option" for a folder that
 * holds one already, "io".
 */
export async function writeEpisodes(
  folder: string,
  given: Episodes,
  { files = platformFiles }: { readonly files?: Files } = {},
): Promise<void> {
  const target = { folder, files };
  const set = withPictures(given);
  await refuseOccupied(target);
  const parts = planFiles(set);
  const { fps, robotType } = set;
  let written: Written = nothing({ fps, features: set.features, ...(robotType && { robotType }) });
  const places: EpisodePlace[] = [];
  for (const chosen of parts) {
    const added = await addData(target, { written, set: selectEpisodes(set, chosen) });
    written = added.written;
    places.push(...added.places);
  }
  await put(target, numbered(episodesPath, 0), episodesFile(places));
  const kept = keptStatistics(set, written);
  await commit(target, written, { ...kept, ...wholeStatistics(set) });
}

export function nothing(about: Pick<Written, "fps" | "robotType" | "features">): Written {
  const none = { episodes: 0, frames: 0, tasks: [], dataFiles: 0, metaFiles: 0 };
  return { ...about, ...none, videoFiles: {}, statistics: {} };
}

async function refuseOccupied({ folder, files }: Target): Promise<void> {
  for (const name of ["meta", "data", "videos"]) {
    const found = await files.listFolder(`${folder}/${name}`);
    if (found.length === 0) continue;
    throw new AdvectError("option", "writeEpisodes", {
      expected: "a folder without a data set",
      got: `${folder}/${name} with ${found.length} entries`,
      fix: "Remove it, choose another folder, or add episodes with recordEpisodes.",
    });
  }
}

/** Places of episodes for each data file, so that none grows beyond LeRobot's limit. */
function planFiles(set: Episodes): number[][] {
  const arrays = Object.values(set.columns).reduce((sum, { data }) => sum + data.byteLength, 0);
  const pictures = Object.values(set.images).reduce(
    (sum, list) => sum + list.reduce((a, b) => a + b.length, 0),
    0,
  );
  const most = (dataFileMegabytes * 2 ** 20 * frameCount(set)) / Math.max(1, arrays + pictures);
  const parts: number[][] = [[]];
  let frames = 0;
  set.episodes.forEach(({ start, end }, i) => {
    if (frames + end - start > most && parts.at(-1)!.length > 0) {
      parts.push([]);
      frames = 0;
    }
    parts.at(-1)!.push(i);
    frames += end - start;
  });
  return parts.filter((part) => part.length > 0);
}

/** Writes the frames and videos of episodes as one more data file; the rest of meta/ does not know of them yet. */
export async function addData(
  target: Target,
  { written, set }: { readonly written: Written; readonly set: Episodes },
): Promise<{ written: Written; places: EpisodePlace[] }> {
  const ready = withBookkeeping(set, written);
  const videos = await copyVideos(target, { written, set: ready });
  await put(target, numbered(dataPath, written.dataFiles), frameFile(ready));
  const places = ready.episodes.map(
    ({ index, start, end, tasks }, i): EpisodePlace => ({
      index,
      from: written.frames + start,
      to: written.frames + end,
      tasks,
      dataFile: written.dataFiles,
      metaFile: written.metaFiles,
      videos: videos.places[i]!,
      statistics: allStatistics(selectEpisodes(ready, [i])),
    }),
  );
  const statistics = places.reduce(
    (sum, { statistics: own }) => joinStatistics(sum, own),
    written.statistics,
  );
  return {
    places,
    written: {
      ...written,
      features: ready.features,
      tasks: ready.tasks,
      episodes: written.episodes + ready.episodes.length,
      frames: written.frames + frameCount(ready),
      dataFiles: written.dataFiles + 1,
      videoFiles: videos.counts,
      statistics,
    },
  };
}

export function joinStatistics(
  sum: Readonly<Record<string, WholeStatistics>>,
  more: Readonly<Record<string, WholeStatistics>>,
): Record<string, WholeStatistics> {
  return mapValues(more, (own, key) => (sum[key] ? mergeStatistics(sum[key], own) : own));
}

function allStatistics(set: Episodes): Record<string, WholeStatistics> {
  return { ...mapValues(set.columns, columnStatistics), ...mapValues(set.images, pictureStatistics) };
}

/** Of all frames at once, exact; the parts of a merge keep only bounds of quantiles. */
function wholeStatistics(set: Episodes): Record<string, WholeStatistics> {
  return allStatistics(withBookkeeping(set, { episodes: 0, frames: 0, tasks: [] }));
}

/** Statistics of videos are taken from where the videos come from. */
function keptStatistics(set: Episodes, { features }: Written): Episodes["statistics"] {
  const videos = Object.entries(set.statistics ?? {}).filter(([key]) => features[key]?.dtype === "video");
  return Object.fromEntries(videos);
}

type VideoPlaces = EpisodePlace["videos"];

/** Each file once, under the next numbers. */
async function copyVideos(
  target: Target,
  { written, set }: { readonly written: Written; readonly set: Episodes },
): Promise<{ places: VideoPlaces[]; counts: Record<string, number> }> {
  const counts: Record<string, number> = { ...written.videoFiles };
  const numbers = new Map<string, number>();
  const places: VideoPlaces[] = [];
  for (const { videos = {}, index } of set.episodes) {
    checkVideos(set, { videos, index });
    const own: Record<string, VideoPlaces[string]> = {};
    for (const [key, { path, fromSeconds, toSeconds }] of Object.entries(videos)) {
      const file = numbers.get(path) ?? counts[key] ?? 0;
      if (!numbers.has(path)) {
        await put(target, numbered(videoPath, file, key), await target.files.readFile(path));
        counts[key] = file + 1;
        numbers.set(path, file);
      }
      own[key] = { file, fromSeconds, toSeconds };
    }
    places.push(own);
  }
  return { places, counts };
}

function checkVideos(
  set: Episodes,
  { videos, index }: { readonly videos: object; readonly index: number },
): void {
  const missing = Object.keys(set.features).find(
    (key) => set.features[key]!.dtype === "video" && !Object.hasOwn(videos, key),
  );
  if (missing === undefined) return;
  throw new AdvectError("option", set.name, {
    expected: `a video of ${missing} for every episode`,
    got: `none for episode ${index}`,
    fix: "Leave that episode or that feature out.",
  });
}

/** What makes files part of the data set, info.json last. */
export async function commit(
  target: Target,
  written: Written,
  statistics: NonNullable<Episodes["statistics"]> = written.statistics,
): Promise<void> {
  await put(target, "meta/tasks.parquet", tasksFile(written.tasks));
  await put(target, "meta/stats.json", statsFile(statistics));
  const { tasks, ...rest } = written;
  await put(target, "meta/info.json", infoFile({ ...rest, tasks: tasks.length }));
}

export function numbered(template: string, file: number, videoKey = ""): string {
  return fillTemplate(template, { ...place(file, { chunksSize }), video_key: videoKey }, "writeEpisodes");
}

/** A file, whole or not at all; with its folder where that is missing. */
export async function put({ folder, files }: Target, path: string, bytes: Uint8Array): Promise<void> {
  const full = `${folder}/${path}`;
  const cut = full.lastIndexOf("/");
  const [parent, name] = [full.slice(0, cut), full.slice(cut + 1)];
  const there = await files.listFolder(parent);
  if (there.length > 0) await files.writeFileAtomic(full, bytes);
  else await files.writeFolderAtomic(parent, { [name]: bytes });
}

/** Throws "option" unless episodes have the features that the data set has. */
export function checkFeatures(set: Episodes, written: Pick<Written, "features" | "fps">): void {
  const [given, known] = [signatureOf(set.features), signatureOf(written.features)];
  if (given === known && set.fps === written.fps) return;
  throw new AdvectError("option", "recordEpisodes", {
    expected: `episodes at ${written.fps} fps with ${known}`,
    got: `${set.fps} fps with ${given}`,
  });
}
