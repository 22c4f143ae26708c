import type { NdArray } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import { lzwBytes } from "./lzw.ts";
import { indexed, type Palette, paletteOf } from "./palette.ts";

export interface GifOptions {
  /** uint8 [height, width, 3] each, all of one size, at least one. */
  readonly frames: readonly NdArray[];
  /** How long a frame stands; rounded to 10 ms, the unit of the format. */
  readonly frameMs: number;
  /** Of the last frame, before all begins again; as the others unless given. */
  readonly lastMs?: number;
}

/** Where frames differ. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const longestSide = 65535;

/**
 * Frames as an animated GIF that repeats for ever: exact where there are at most 256 colours, else the 256 that cover
 * most and for the others the nearest of them. Of each frame only the rectangle that changed is stored. Throws "shape",
 * "option".
 */
export function gifBytes({ frames, frameMs, lastMs = frameMs }: GifOptions): Uint8Array<ArrayBuffer> {
  check({ frames, frameMs, lastMs });
  const [height, width] = frames[0]!.shape as [number, number];
  const palette = paletteOf(frames.map(({ data }) => data as Uint8Array));
  const bytes: number[] = [...header({ width, height }), ...colorTable(palette), ...forever];
  let before: Uint8Array | undefined;
  frames.forEach(({ data }, i) => {
    const pixels = indexed(data as Uint8Array, palette);
    const box = changed(pixels, before, { width, height });
    const delay = Math.round((i === frames.length - 1 ? lastMs : frameMs) / 10);
    bytes.push(0x21, 0xf9, 4, 4, ...short(delay), 0, 0); // leave the frame in place
    bytes.push(0x2c, ...short(box.left), ...short(box.top), ...short(box.width), ...short(box.height), 0);
    for (const byte of lzwBytes(cut(pixels, width, box))) bytes.push(byte);
    before = pixels;
  });
  bytes.push(0x3b);
  return Uint8Array.from(bytes);
}

const short = (value: number): [number, number] => [value & 255, value >> 8];
const text = (letters: string) => [...letters].map((letter) => letter.charCodeAt(0));

/** With a table of 256 colours for all frames. */
const header = ({ width, height }: Pick<Box, "width" | "height">) => [
  ...text("GIF89a"),
  ...short(width),
  ...short(height),
  0xf7,
  0,
  0,
];

const forever = [0x21, 0xff, 11, ...text("NETSCAPE2.0"), 3, 1, 0, 0, 0];

function colorTable({ colors }: Palette): number[] {
  return Array.from({ length: 256 }, (_, i) => colors[i] ?? 0).flatMap((color) => [
    color >> 16,
    (color >> 8) & 255,
    color & 255,
  ]);
}

/** The smallest rectangle around all pixels that changed; one pixel where none did, and all of the first frame. */
function changed(
  pixels: Uint8Array,
  before: Uint8Array | undefined,
  { width, height }: Pick<Box, "width" | "height">,
): Box {
  if (!before) return { left: 0, top: 0, width, height };
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let at = 0; at < pixels.length; at++) {
    if (pixels[at] === before[at]) continue;
    const [x, y] = [at % width, Math.floor(at / width)];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = y;
  }
  if (right < 0) return { left: 0, top: 0, width: 1, height: 1 };
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

function cut(pixels: Uint8Array, stride: number, { left, top, width, height }: Box): Uint8Array {
  const part = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * stride + left;
    part.set(pixels.subarray(from, from + width), y * width);
  }
  return part;
}

function check({ frames, frameMs, lastMs }: Required<GifOptions>): void {
  const first = `${frames[0]?.shape}`;
  const fits = ({ shape, dtype }: NdArray) =>
    dtype === "uint8" &&
    shape.length === 3 &&
    shape[2] === 3 &&
    `${shape}` === first &&
    shape[0]! * shape[1]! > 0;
  if (frames.length === 0 || !frames.every(fits) || Math.max(...frames[0]!.shape) > longestSide) {
    throw new AdvectError("shape", "gifBytes", {
      expected: "frames of type uint8 and one shape [height, width, 3]",
      got: frames.length === 0 ? "none" : frames.map(({ shape, dtype }) => `${dtype} [${shape}]`).slice(0, 4),
    });
  }
  for (const time of [frameMs, lastMs]) {
    if (time >= 0 && time < 10 * longestSide) continue;
    throw new AdvectError("option", "gifBytes", { expected: "times from 0 to 655 s", got: time });
  }
}
