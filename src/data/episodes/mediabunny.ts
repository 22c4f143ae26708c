import { malformed } from "../../engine/array/malformed.ts";
import { AdvectError } from "../../engine/error.ts";

/** What is used of the package mediabunny. */
export interface Mediabunny {
  readonly Input: new (options: { source: unknown; formats: unknown }) => Input;
  readonly BufferSource: new (bytes: Uint8Array) => unknown;
  readonly VideoSampleSink: new (track: object) => Sink;
  readonly ALL_FORMATS: unknown;
}

interface Input {
  getPrimaryVideoTrack(): Promise<object | null>;
}

interface Sink {
  /** For each time the last frame that began before it. */
  samplesAtTimestamps(seconds: readonly number[]): AsyncIterable<Sample | null>;
}

interface Sample {
  allocationSize(options: { format: "RGBA" }): number;
  copyTo(to: Uint8Array, options: { format: "RGBA" }): Promise<unknown>;
  close(): void;
}

interface Request {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly fromSeconds: number;
  readonly frames: readonly number[];
  readonly fps: number;
}

/** Red, green and blue of the frames. Throws "format" for files without a video, and that it cannot decode. */
export async function mediabunnyFrames(
  { Input, BufferSource, VideoSampleSink, ALL_FORMATS }: Mediabunny,
  { path, bytes, fromSeconds, frames, fps }: Request,
): Promise<Uint8Array> {
  try {
    const input = new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });
    const track = await input.getPrimaryVideoTrack();
    if (!track) throw malformed(path, "tracks", { expected: "a video", got: "none" });
    const middles = frames.map((frame) => fromSeconds + (frame + 0.5) / fps);
    const parts: Uint8Array[] = [];
    for await (const sample of new VideoSampleSink(track).samplesAtTimestamps(middles)) {
      if (!sample)
        throw malformed(path, "frames", { expected: `frame ${frames[parts.length]}`, got: "none" });
      parts.push(await colors(sample));
    }
    return joined(parts);
  } catch (cause) {
    if (cause instanceof AdvectError) throw cause;
    throw malformed(path, "video", { expected: "one that mediabunny decodes", got: String(cause), cause });
  }
}

async function colors(sample: Sample): Promise<Uint8Array> {
  const rgba = new Uint8Array(sample.allocationSize({ format: "RGBA" }));
  await sample.copyTo(rgba, { format: "RGBA" });
  sample.close();
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let i = 0, at = 0; i < rgba.length; i += 4, at += 3) {
    rgb[at] = rgba[i]!;
    rgb[at + 1] = rgba[i + 1]!;
    rgb[at + 2] = rgba[i + 2]!;
  }
  return rgb;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
