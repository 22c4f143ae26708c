import { inflateSync } from "fflate";
import { crc32 } from "./crc32.ts";
import { decodeUtf8, malformed, unsupported } from "./malformed.ts";

/** A file in a zip, as its central directory declares it; nothing has been inflated. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Where its local header begins. */
  readonly offset: number;
}

/** Deflate cannot compress further than this [RFC 1951: 258 bytes from 2 bits]. */
const largestRatio = 1032;

/**
 * The central directory of a zip [PKWARE APPNOTE 4.3.12], checked: names differ, entries lie in the file without overlap,
 * and no size is larger than its compressed bytes can give. Throws "format"; "unsupported" for zip64 and encryption.
 */
export function readZipDirectory(bytes: Uint8Array, where: string): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOfDirectory(view, where);
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  if (count === 0xffff || start === 0xffffffff) throw zip64(where);
  const entries: ZipEntry[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    const { entry, next } = directoryEntry({ bytes, view, at, end, where });
    entries.push(entry);
    at = next;
  }
  if (at !== end) throw malformed(where, "central directory", { expected: `to end at byte ${end}`, got: at });
  checkNames(entries, where);
  checkPlaces(entries, start, where);
  return entries;
}

/** The record that ends the file, found from behind since a comment may follow. */
function endOfDirectory(view: DataView, where: string): number {
  const last = view.byteLength - 22;
  for (let at = last; at >= 0 && at >= last - 0xffff; at--) {
    if (view.getUint32(at, true) === 0x06054b50 && view.getUint16(at + 20, true) === last - at) return at;
  }
  throw malformed(where, "end of central directory", { expected: "to be there", got: "none" });
}

interface Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly at: number;
  readonly end: number;
  readonly where: string;
}

function directoryEntry({ bytes, view, at, end, where }: Cursor): { entry: ZipEntry; next: number } {
  if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50) {
    throw malformed(where, "central directory", { expected: `an entry at byte ${at}`, got: "other bytes" });
  }
  const nameEnd = at + 46 + view.getUint16(at + 28, true);
  const next = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  if (next > end)
    throw malformed(where, "central directory", {
      expected: `an entry of at most ${end - at} bytes`,
      got: next - at,
    });
  const name = decodeUtf8(bytes.subarray(at + 46, nameEnd), where, "entry name");
  const flags = view.getUint16(at + 8, true);
  if (flags & 1) throw unsupported(where, `entry ${name}`, "encrypted", "a file without a password");
  const entry = {
    name,
    method: view.getUint16(at + 10, true),
    checksum: view.getUint32(at + 16, true),
    compressedSize: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    offset: view.getUint32(at + 42, true),
  };
  if (Math.max(entry.compressedSize, entry.size, entry.offset) === 0xffffffff) throw zip64(where);
  return { entry, next };
}

function checkNames(entries: readonly ZipEntry[], where: string): void {
  const seen = new Set<string>();
  for (const { name } of entries) {
    if (seen.has(name))
      throw malformed(where, "central directory", { expected: "every name once", got: `${name} twice` });
    seen.add(name);
  }
}

/** Overlapping entries would let a small file inflate to any size. */
function checkPlaces(entries: readonly ZipEntry[], directory: number, where: string): void {
  let free = 0;
  for (const { name, offset, compressedSize, size, method } of entries.toSorted(
    (a, b) => a.offset - b.offset,
  )) {
    const field = `entry ${name}`;
    if (method !== 0 && method !== 8)
      throw unsupported(where, field, `compression ${method}`, "stored or deflated bytes");
    if (offset < free)
      throw malformed(where, field, { expected: "not to overlap another entry", got: `offset ${offset}` });
    free = offset + 30 + compressedSize;
    if (free > directory)
      throw malformed(where, field, { expected: "to end before the directory", got: `its end at ${free}` });
    const most = method === 0 ? compressedSize : compressedSize * largestRatio;
    if (size > most || (method === 0 && size < most)) {
      throw malformed(where, `${field}, size`, {
        expected: `what ${compressedSize} bytes can hold`,
        got: size,
      });
    }
  }
}

/** The content of one entry: a view of `bytes` when stored, a new array when deflated. Throws "format". */
export function readZipEntry(bytes: Uint8Array, entry: ZipEntry, where: string): Uint8Array {
  const field = `entry ${entry.name}`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(entry.offset, true) !== 0x04034b50) {
    throw malformed(where, field, { expected: `a header at byte ${entry.offset}`, got: "other bytes" });
  }
  const begin =
    entry.offset + 30 + view.getUint16(entry.offset + 26, true) + view.getUint16(entry.offset + 28, true);
  const packed = bytes.subarray(begin, begin + entry.compressedSize);
  const content = entry.method === 0 ? packed : inflate(packed, entry.size, where, field);
  if (content.length !== entry.size || crc32(content) !== entry.checksum) {
    throw malformed(where, field, {
      expected: `${entry.size} bytes with the declared checksum`,
      got: "others",
    });
  }
  return content;
}

function inflate(packed: Uint8Array, size: number, where: string, field: string): Uint8Array {
  try {
    return inflateSync(packed, { out: new Uint8Array(size) }); // never writes past `out`
  } catch (cause) {
    throw malformed(where, field, { expected: "deflated bytes", got: String(cause), cause });
  }
}

function zip64(where: string): Error {
  return unsupported(where, "central directory", "zip64", "a file below 4 GiB");
}
