import { AdvectError } from "../../engine/error.ts";
import { readFile, runProgram } from "../../engine/platform/index.ts";
import { type Mediabunny, mediabunnyFrames } from "./mediabunny.ts";

export interface VideoFramesRequest {
  readonly path: string;
  /** Where the first frame of the episode lies in the file. */
  readonly fromSeconds: number;
  /** Frames of the episode, ascending. */
  readonly frames: readonly number[];
  readonly fps: number;
}

/** Red, green and blue of frames of a video, by the first decoder that is there. Throws "unsupported" without any, "io". */
export async function videoFrames(request: VideoFramesRequest): Promise<Uint8Array> {
  try {
    return await ffmpegFrames(request);
  } catch (cause) {
    if (!(cause instanceof AdvectError) || cause.kind !== "unsupported") throw cause;
    const packages = await mediabunny();
    if (packages) return mediabunnyFrames(packages, { ...request, bytes: await readFile(request.path) });
    throw noDecoder(request.path, cause);
  }
}

/** The episode begins half a frame early, so that rounding cannot skip its first frame. */
function ffmpegFrames({ path, fromSeconds, frames, fps }: VideoFramesRequest): Promise<Uint8Array> {
  const start = Math.max(0, fromSeconds - 0.5 / fps);
  const chosen = frames.map((frame) => `eq(n,${frame})`).join("+");
  const isAll = frames.every((frame, i) => frame === i);
  return runProgram("ffmpeg", [
    ...["-v", "error", "-nostdin", "-ss", `${start}`, "-i", path],
    ...(isAll ? [] : ["-vf", `select='${chosen}'`]),
    ...["-fps_mode", "passthrough", "-frames:v", `${frames.length}`],
    ...["-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
  ]);
}

/** Names in variables: bundlers must not ask for packages that are optional. */
const packageNames = { library: "mediabunny", decoders: "@mediabunny/server" } as const;

async function mediabunny(): Promise<Mediabunny | undefined> {
  try {
    const { library, decoders } = packageNames;
    const loaded = (await import(/* @vite-ignore */ library)) as Mediabunny;
    const { registerMediabunnyServer } = await import(/* @vite-ignore */ decoders);
    registerMediabunnyServer();
    return loaded;
  } catch {
    return undefined; // one of them is not installed
  }
}

function noDecoder(path: string, cause: unknown): AdvectError {
  return new AdvectError("unsupported", path, {
    expected: "ffmpeg, which decodes the frames of videos",
    got: "none on the PATH",
    fix: "Install it (Debian: apt install ffmpeg; macOS: brew install ffmpeg), or npm install mediabunny @mediabunny/server, or use features that are no videos.",
    cause,
  });
}
