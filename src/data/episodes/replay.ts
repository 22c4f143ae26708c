import type { DType, NdArray } from "../../engine/array/index.ts";
import { malformed } from "../../engine/array/malformed.ts";
import { AdvectError } from "../../engine/error.ts";
import type { Files } from "../../engine/platform/index.ts";
import { parseArrays } from "../file/index.ts";
import { type EpisodeArrays, episodesFromReplay } from "./arrays.ts";
import type { Episodes } from "./episodes.ts";
import { platformFiles } from "./files.ts";
import { type LoadOptions, loadLeRobot } from "./lerobot.ts";
import { folderStore, readZarrArray, type ZarrStore, zipStore } from "./zarr.ts";

/** What a replay buffer does not say about itself. */
export interface ReplayOptions extends LoadOptions, Partial<Omit<EpisodeArrays, "arrays" | "episodeEnds">> {
  /** Arrays to read, by their names in the file; all by default. Pictures may be large. */
  readonly keys?: readonly string[];
}

/**
 * A replay buffer of diffusion_policy: zarr with the groups data/ and meta/episode_ends, a folder or a zip; or an npz
 * with an array episode_ends. Features are named by `featureName`. Throws "option" without fps, which such files do
 * not hold; "io", "format", "unsupported".
 */
export async function loadReplay(path: string, options: ReplayOptions = {}): Promise<Episodes> {
  const { files = platformFiles, keys, fps, ...rest } = options;
  if (fps === undefined) {
    throw new AdvectError("option", path, {
      expected: "fps, the frames per second of the recording",
      got: "none",
      fix: "A replay buffer does not say it; PushT has 10.",
    });
  }
  const arrays = await readArrays(path, { files, ...(keys && { keys }) });
  return episodesFromReplay(arrays, { name: path, fps, ...rest });
}

interface ArraysRequest {
  readonly files: Files;
  readonly keys?: readonly string[];
}

type Arrays = Record<string, NdArray<DType>>;

async function readArrays(path: string, { files, keys }: ArraysRequest): Promise<Arrays> {
  if (/\.zarr\/?$/.test(path)) return readGroup(folderStore(path.replace(/\/$/, ""), files), { path, keys });
  const bytes = await files.readFile(path);
  if (/\.zip$/.test(path)) return readGroup(zipStore(bytes, path), { path, keys });
  const arrays = parseArrays(bytes, path);
  const wanted = Object.keys(arrays).filter((key) => key === "episode_ends" || (keys?.includes(key) ?? true));
  return Object.fromEntries(wanted.map((key) => [key, arrays[key]!]));
}

async function readGroup(
  store: ZarrStore,
  { path, keys }: { readonly path: string; readonly keys: readonly string[] | undefined },
): Promise<Arrays> {
  const there = (await store.list("data")).filter((name) => !name.startsWith(".") && name !== "zarr.json");
  const missing = keys?.find((key) => !there.includes(key));
  if (there.length === 0 || missing !== undefined) {
    throw malformed(path, "data", { expected: missing ?? "arrays", got: there.join(", ") || "none" });
  }
  const arrays: Arrays = {
    episode_ends: await readZarrArray(store, { path: "meta/episode_ends", where: path }),
  };
  for (const key of keys ?? there) {
    arrays[key] = await readZarrArray(store, { path: `data/${key}`, where: path });
  }
  return arrays;
}

/**
 * Episodes from wherever they lie: a LeRobotDataset (a folder with meta/info.json), zarr (.zarr, .zip) or .npz. Throws
 * as `loadLeRobot` and `loadReplay` do.
 */
export async function loadEpisodes(path: string, options: ReplayOptions = {}): Promise<Episodes> {
  const folder = path.replace(/\/+$/, "");
  return /\.(zarr|zip|npz)$/.test(folder) ? loadReplay(folder, options) : loadLeRobot(folder, options);
}
