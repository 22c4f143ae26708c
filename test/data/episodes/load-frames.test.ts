import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  cameraKeys,
  type Episodes,
  episodesFromArrays,
  loadFrames,
  loadLeRobot,
  writeEpisodes,
} from "../../../src/data/index.ts";
import { array, ndarray } from "../../../src/engine/index.ts";
import { smallSet } from "./cases.ts";
import { memoryFiles } from "./memory-files.ts";

const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;
if (!hasFfmpeg) console.warn("SKIPPED: tests of video frames, since there is no ffmpeg on the PATH.");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "advect-frames-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Two episodes of 6 and 4 frames, one video file for both; frame i of the file is grey of 10 + 20 i. */
function filmed(): Episodes {
  const path = join(folder, "film.mp4");
  mkdirSync(dirname(path), { recursive: true });
  const grey = Buffer.concat(Array.from({ length: 10 }, (_, i) => Buffer.alloc(64 * 48 * 3, 10 + 20 * i)));
  const source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "64x48", "-r", "10", "-i", "-"];
  execFileSync("ffmpeg", ["-v", "error", ...source, "-c:v", "mpeg4", "-q:v", "1", "-g", "5", path], {
    input: grey,
  });
  const set = episodesFromArrays({
    arrays: { action: array(Array.from({ length: 10 }, (_, i) => i)) },
    episodeEnds: [6, 10],
    fps: 10,
  });
  const camera = { dtype: "video", shape: [48, 64, 3] };
  const part = (fromSeconds: number, toSeconds: number) => ({
    videos: { "observation.image": { path, fromSeconds, toSeconds } },
  });
  return {
    ...set,
    features: { ...set.features, "observation.image": camera },
    episodes: [
      { ...set.episodes[0]!, ...part(0, 0.6) },
      { ...set.episodes[1]!, ...part(0.6, 1) },
    ],
  };
}

const greys = ({ data, shape }: { data: Uint8Array; shape: readonly number[] }) =>
  Array.from({ length: shape[0]! }, (_, i) => data[i * (data.length / shape[0]!) + 1500]!);

describe.skipIf(!hasFfmpeg)("frames of videos", () => {
  test("are those of the episode, all or some", async () => {
    const set = filmed();
    const all = await loadFrames(set, { key: "observation.image", episode: 1 });
    expect(all.shape).toEqual([4, 48, 64, 3]);
    greys(all).forEach((grey, i) => expect(Math.abs(grey - (130 + 20 * i))).toBeLessThan(5));
    const some = await loadFrames(set, { key: "observation.image", episode: 0, frames: [1, 5] });
    greys(some).forEach((grey, i) => expect(Math.abs(grey - [30, 110][i]!)).toBeLessThan(5));
  });

  test("are the same after the data set was written and read", async () => {
    const set = filmed();
    const place = join(folder, "written");
    await writeEpisodes(place, set);
    const back = await loadLeRobot(place);
    expect(back.episodes[1]!.videos!["observation.image"]).toMatchObject({ fromSeconds: 0.6, toSeconds: 1 });
    const request = { key: "observation.image", episode: 1, frames: [0, 3] };
    expect(await loadFrames(back, request)).toEqual(await loadFrames(set, request));
  });

  test("that the file does not hold are an error", async () => {
    const set = filmed();
    const features = { ...set.features, "observation.image": { dtype: "video", shape: [96, 96, 3] } };
    const request = { key: "observation.image", episode: 0, frames: [0] };
    await expect(loadFrames({ ...set, features }, request)).rejects.toThrow(/1 of 96 x 96 pixels/);
    rmSync(join(folder, "film.mp4"));
    await expect(loadFrames(set, request)).rejects.toMatchObject({ kind: "io" });
  });
});

test("frames of a video without ffmpeg are refused with what to install", async () => {
  const set = smallSet();
  const videos = { camera: { path: "film.mp4", fromSeconds: 0, toSeconds: 1 } };
  const filmedSet = {
    ...set,
    features: { ...set.features, camera: { dtype: "video", shape: [4, 4, 3] } },
    episodes: set.episodes.map((episode) => ({ ...episode, videos })),
  };
  const { PATH } = process.env;
  process.env.PATH = folder;
  try {
    await expect(loadFrames(filmedSet, { key: "camera", episode: 0 })).rejects.toThrow(
      /film.mp4: expected ffmpeg.*none on the PATH.*apt install ffmpeg/,
    );
  } finally {
    process.env.PATH = PATH;
  }
});

test("pictures come from columns, and from files, pixel for pixel", async () => {
  const pixels = Uint8Array.from({ length: 5 * 2 * 3 * 3 }, (_, i) => (i * 31) % 256);
  const arrays = { "observation.image": ndarray(pixels, [5, 2, 3, 3]) };
  const set = episodesFromArrays({ arrays, episodeEnds: [2, 5], fps: 10 });
  const files = memoryFiles();
  await writeEpisodes("set", set, { files });
  const request = { key: "observation.image", episode: 1, frames: [0, 2] };
  const expected = [...pixels.slice(2 * 18, 3 * 18), ...pixels.slice(4 * 18, 5 * 18)];
  for (const source of [set, await loadLeRobot("set", { files })]) {
    expect(cameraKeys(source)).toEqual(["observation.image"]);
    const frames = await loadFrames(source, request);
    expect(frames.shape).toEqual([2, 2, 3, 3]);
    expect(Array.from(frames.data)).toEqual(expected);
  }
  await expect(loadFrames(set, { ...request, frames: [3] })).rejects.toMatchObject({ kind: "option" });
  await expect(loadFrames(set, { ...request, episode: 2 })).rejects.toMatchObject({ kind: "option" });
  await expect(loadFrames(smallSet(), { key: "action", episode: 0 })).rejects.toThrow(/a camera/);
});
