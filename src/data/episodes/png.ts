import { unzlibSync, zlibSync } from "fflate";
import { crc32 } from "../../engine/array/crc32.ts";
import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { malformed, unsupported } from "../../engine/array/malformed.ts";
import { AdvectError } from "../../engine/error.ts";

const signature = [137, 80, 78, 71, 13, 10, 26, 10];
/** Channels by colour type, of those without a palette. */
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 4: 2, 6: 4 };
const mostPixels = 2 ** 28;

/**
 * The pixels of a PNG, uint8 [height, width, channels]; grey has one channel, opacity is one more. Throws "format",
 * naming `where`; "unsupported" for palettes, 16 bits, interlacing and more than 2^28 pixels.
 */
export function parsePng(bytes: Uint8Array, where = "parsePng"): NdArray<"uint8"> {
  if (!signature.every((byte, i) => bytes[i] === byte)) {
    throw malformed(where, "signature", { expected: "a PNG", got: "other bytes" });
  }
  const { header, packed } = chunksOf(bytes, where);
  const { width, height, channels } = header;
  const rows = inflate(packed, height * (width * channels + 1), where);
  return ndarray(unfilter(rows, header, where), [height, width, channels], "uint8");
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

function chunksOf(bytes: Uint8Array, where: string): { header: Header; packed: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let header: Header | undefined;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) break;
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (view.getUint32(at + 8 + length) !== crc32(bytes.subarray(at + 4, at + 8 + length))) {
      throw malformed(where, `chunk ${kind}`, { expected: "its checksum", got: "another" });
    }
    const content = bytes.subarray(at + 8, at + 8 + length);
    if (kind === "IHDR") header = parseHeader(content, where);
    if (kind === "IDAT") parts.push(content);
    if (kind === "IEND") break;
    at += 12 + length;
  }
  if (header && parts.length > 0) return { header, packed: joined(parts) };
  throw malformed(where, "chunks", { expected: "IHDR and IDAT", got: "no whole ones" });
}

function parseHeader(content: Uint8Array, where: string): Header {
  if (content.length !== 13) throw malformed(where, "IHDR", { expected: "13 bytes", got: content.length });
  const view = new DataView(content.buffer, content.byteOffset, 13);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, color, , , interlaced] = content.subarray(8) as unknown as number[];
  const channels = channelsOf[color!];
  if (depth !== 8 || !channels || interlaced !== 0) {
    const got = `${depth} bits, colour type ${color}, interlacing ${interlaced}`;
    throw unsupported(where, "IHDR", got, "8 bits, no palette, no interlacing");
  }
  if (width * height > mostPixels) {
    throw unsupported(where, "IHDR", `${width} x ${height}`, `at most ${mostPixels} pixels`);
  }
  return { width, height, channels };
}

/** Deflate cannot compress further than 1032 to 1, so `size` is what the bytes can hold. */
function inflate(packed: Uint8Array, size: number, where: string): Uint8Array {
  if (size > 1032 * packed.length) {
    throw malformed(where, "size", { expected: `what ${packed.length} bytes can hold`, got: size });
  }
  try {
    const content = unzlibSync(packed, { out: new Uint8Array(size) });
    if (content.length === size) return content;
  } catch (cause) {
    throw malformed(where, "IDAT", { expected: "deflated bytes", got: String(cause), cause });
  }
  throw malformed(where, "IDAT", { expected: `${size} bytes`, got: "fewer" });
}

/** Undoes the filters [PNG specification, section 9]: each row is stored as differences from its neighbours. */
function unfilter(rows: Uint8Array, { width, height, channels }: Header, where: string): Uint8Array {
  const stride = width * channels;
  const result = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (stride + 1)]!;
    if (filter > 4) throw malformed(where, `row ${y}`, { expected: "a filter 0 to 4", got: filter });
    for (let i = 0; i < stride; i++) {
      const at = y * stride + i;
      const left = i >= channels ? result[at - channels]! : 0;
      const above = y > 0 ? result[at - stride]! : 0;
      const corner = y > 0 && i >= channels ? result[at - stride - channels]! : 0;
      result[at] = rows[y * (stride + 1) + 1 + i]! + predicted[filter]!({ left, above, corner });
    }
  }
  return result;
}

interface Neighbours {
  readonly left: number;
  readonly above: number;
  readonly corner: number;
}

const predicted: readonly ((near: Neighbours) => number)[] = [
  () => 0,
  ({ left }) => left,
  ({ above }) => above,
  ({ left, above }) => (left + above) >> 1,
  paeth,
];

function paeth({ left, above, corner }: Neighbours): number {
  const [toLeft, toAbove] = [Math.abs(above - corner), Math.abs(left - corner)];
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** uint8 [height, width, 1 to 4 channels] as a PNG; the same bytes on every platform. Throws "shape". */
export function imagePng({ data, shape }: NdArray<"uint8">): Uint8Array {
  const [height = 0, width = 0, channels = 0] = shape;
  const color = Object.keys(channelsOf).find((key) => channelsOf[Number(key)] === channels);
  if (shape.length !== 3 || color === undefined || data.length === 0) {
    throw new AdvectError("shape", "imagePng", { expected: "[height, width, 1 to 4]", got: shape });
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, Number(color)], 8);
  return joined([
    Uint8Array.from(signature),
    chunk("IHDR", header),
    chunk("IDAT", zlibSync(filtered({ data, height, stride: width * channels }))),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

interface Rows {
  readonly data: Uint8Array;
  readonly height: number;
  readonly stride: number;
}

/** Every row as its difference from the one above, which suits pictures of scenes. */
function filtered({ data, height, stride }: Rows): Uint8Array {
  const rows = new Uint8Array(height * (stride + 1));
  for (let y = 0; y < height; y++) {
    rows[y * (stride + 1)] = 2;
    for (let i = 0; i < stride; i++) {
      const at = y * stride + i;
      rows[y * (stride + 1) + 1 + i] = data[at]! - (y > 0 ? data[at - stride]! : 0);
    }
  }
  return rows;
}

function chunk(kind: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(content.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(
    Array.from(kind, (letter) => letter.charCodeAt(0)),
    4,
  );
  bytes.set(content, 8);
  view.setUint32(content.length + 8, crc32(bytes.subarray(4, content.length + 8)));
  return bytes;
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
