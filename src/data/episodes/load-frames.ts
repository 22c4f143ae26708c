import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { malformed } from "../../engine/array/malformed.ts";
import { AdvectError } from "../../engine/error.ts";
import type { Episode, Episodes } from "./episodes.ts";
import { parsePng } from "./png.ts";
import { videoFrames } from "./video.ts";

export interface FramesRequest {
  /** A feature of dtype "image" or "video", or of pictures in a column. */
  readonly key: string;
  /** Its place in the data set. */
  readonly episode: number;
  /** Frames of the episode, ascending; all unless given. */
  readonly frames?: readonly number[];
}

/**
 * The pixels of a camera, uint8 [frames, height, width, channels]. Videos are decoded by ffmpeg on the PATH,
 * or else by the packages mediabunny and @mediabunny/server. Throws "option" for what is not there, "unsupported"
 * without a decoder, "format", "io".
 */
export async function loadFrames(set: Episodes, request: FramesRequest): Promise<NdArray<"uint8">> {
  const { key, episode: place } = request;
  const episode = set.episodes[place];
  const length = episode ? episode.end - episode.start : 0;
  const frames = request.frames ?? Array.from({ length }, (_, i) => i);
  const rising = frames.every(
    (frame, i) => Number.isSafeInteger(frame) && frame > (frames[i - 1] ?? -1) && frame < length,
  );
  if (!episode || frames.length === 0 || !rising) {
    throw new AdvectError("option", set.name, {
      expected: `an episode 0 to ${set.episodes.length - 1} and ascending frames of it`,
      got: `episode ${place} of ${length} frames, frames ${frames.slice(0, 8)}`,
    });
  }
  const pictures = set.images[key];
  if (pictures) {
    const where = (frame: number) => `${set.name}, ${key}, frame ${frame}`;
    return stacked(frames.map((frame) => parsePng(pictures[episode.start + frame]!, where(frame))));
  }
  const column = set.columns[key];
  if (column?.dtype === "uint8" && column.shape.length === 4) {
    const [height, width, channels] = column.shape.slice(1) as [number, number, number];
    const size = height * width * channels;
    const data = column.data as Uint8Array;
    const at = (frame: number) => (episode.start + frame) * size;
    const one = (frame: number) =>
      ndarray(data.subarray(at(frame), at(frame) + size), [height, width, channels], "uint8");
    return stacked(frames.map(one));
  }
  return decoded(set, { key, episode, frames });
}

/** Features that `loadFrames` has pixels for. */
export function cameraKeys(set: Episodes): string[] {
  return Object.entries(set.features).flatMap(([key, { dtype, shape }]) => {
    const isVideo = dtype === "video" && set.episodes.some(({ videos }) => videos?.[key]);
    return isVideo || dtype === "image" || (dtype === "uint8" && shape.length === 3) ? [key] : [];
  });
}

function stacked(pictures: readonly NdArray<"uint8">[]): NdArray<"uint8"> {
  const [{ shape }] = pictures as [NdArray<"uint8">];
  const length = pictures[0]!.data.length;
  const data = new Uint8Array(pictures.length * length);
  pictures.forEach((picture, i) => {
    if (String(picture.shape) !== String(shape)) {
      throw malformed("loadFrames", `picture ${i}`, {
        expected: `shape [${shape}]`,
        got: `[${picture.shape}]`,
      });
    }
    data.set(picture.data, i * length);
  });
  return ndarray(data, [pictures.length, ...shape], "uint8");
}

interface VideoRequest {
  readonly key: string;
  readonly episode: Episode;
  readonly frames: readonly number[];
}

async function decoded(set: Episodes, { key, episode, frames }: VideoRequest): Promise<NdArray<"uint8">> {
  const part = episode.videos?.[key];
  const shape = set.features[key]?.shape;
  if (!part || shape?.length !== 3) {
    throw new AdvectError("option", set.name, {
      expected: `a camera, one of ${cameraKeys(set).join(", ") || "none that it has"}, with a file for the episode`,
      got: key,
    });
  }
  const [height, width] = (shape[0]! <= 4 ? shape.slice(1) : shape) as [number, number];
  const bytes = await videoFrames({ ...part, frames, fps: set.fps });
  const expected = frames.length * height * width * 3;
  if (bytes.length !== expected) {
    const got = `${bytes.length} bytes`;
    throw malformed(part.path, "frames", {
      expected: `${frames.length} of ${width} x ${height} pixels`,
      got,
    });
  }
  return ndarray(bytes, [frames.length, height, width, 3], "uint8");
}
