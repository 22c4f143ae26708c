import { zlibSync } from "fflate";
import { crc32 } from "../engine/array/crc32.ts";

/** Red, green, blue and opacity of every pixel, row after row from the top, 0 to 255. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

/** The pixels as a PNG: the same bytes on every platform. */
export function pngBytes({ width, height, rgba }: Pixels): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 6], 8); // eight bits each of red, green, blue, opacity
  const rows = new Uint8Array(height * (4 * width + 1)); // each behind a 0: no filter
  for (let y = 0; y < height; y++) {
    rows.set(rgba.subarray(4 * width * y, 4 * width * (y + 1)), (4 * width + 1) * y + 1);
  }
  return joined([
    Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10),
    chunk("IHDR", header),
    chunk("IDAT", zlibSync(rows)),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

/** Length, kind, content, checksum of kind and content. */
function chunk(kind: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(content.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(new TextEncoder().encode(kind), 4);
  bytes.set(content, 8);
  view.setUint32(content.length + 8, crc32(bytes.subarray(4, content.length + 8)));
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let start = 0;
  for (const part of parts) {
    bytes.set(part, start);
    start += part.length;
  }
  return bytes;
}

export function dataUri(pixels: Pixels): string {
  const characters = Array.from(pngBytes(pixels), (byte) => String.fromCharCode(byte));
  return `data:image/png;base64,${btoa(characters.join(""))}`;
}

/** Every pixel `factor` times in both directions, so that renderers which smooth images leave its edges sharp. */
export function enlarged({ width, height, rgba }: Pixels, factor: number): Pixels {
  const large = new Uint8Array(rgba.length * factor * factor);
  for (let y = 0; y < height * factor; y++) {
    for (let x = 0; x < width * factor; x++) {
      const from = 4 * (Math.floor(y / factor) * width + Math.floor(x / factor));
      large.set(rgba.subarray(from, from + 4), 4 * (y * width * factor + x));
    }
  }
  return { width: width * factor, height: height * factor, rgba: large };
}
