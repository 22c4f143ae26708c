import { AdvectError } from "../../../engine/error.ts";
import type { Value } from "./value.ts";

export interface UnpackLimits {
  /** Lists and maps inside each other; 16 unless given. */
  readonly maxDepth?: number;
  /** Values in all, however small; 10,000 unless given: the content of an array is one. */
  readonly maxValues?: number;
}

/**
 * The value of a message, all of it and nothing after it. Time and memory are bounded by its length and the limits.
 * Binary parts are views of `bytes`. Throws "format", naming the byte.
 */
export function unpack(bytes: Uint8Array, { maxDepth = 16, maxValues = 10_000 }: UnpackLimits = {}): Value {
  const reader: Reader = {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    at: 0,
    left: maxValues,
  };
  const value = read(reader, maxDepth);
  if (reader.at !== bytes.length) {
    throw malformed(reader, "the end of the message", `${bytes.length - reader.at} more bytes`);
  }
  return value;
}

interface Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
  /** Values that may still come. */
  left: number;
}

function malformed({ at }: Reader, expected: string, got: string): AdvectError {
  return new AdvectError("format", `message, byte ${at}`, { expected, got });
}

/** Where the next `size` bytes begin. */
function take(reader: Reader, size: number): number {
  const { at, bytes } = reader;
  if (size > bytes.length - at) {
    throw malformed(reader, `${size} bytes`, `the end of the message after ${bytes.length - at}`);
  }
  reader.at += size;
  return at;
}

function read(reader: Reader, depth: number): Value {
  if (depth === 0) throw malformed(reader, "fewer lists and maps inside each other", "more");
  if (reader.left-- === 0) throw malformed(reader, "fewer values", "more");
  const start = reader.at;
  const code = reader.bytes[take(reader, 1)]!;
  if (code < 0x80) return code;
  if (code < 0x90) return map(reader, code & 15, depth);
  if (code < 0xa0) return list(reader, code & 15, depth);
  if (code < 0xc0) return text(reader, code & 31);
  if (code >= 0xe0) return code - 0x100;
  const rule = rules[code];
  if (rule) return rule(reader, depth);
  reader.at = start;
  throw malformed(reader, "a value", `code 0x${code.toString(16)}, an extension or reserved`);
}

type Rule = (reader: Reader, depth: number) => Value;

const u8 = (reader: Reader) => reader.view.getUint8(take(reader, 1));
const u16 = (reader: Reader) => reader.view.getUint16(take(reader, 2));
const u32 = (reader: Reader) => reader.view.getUint32(take(reader, 4));

/** By code; those below 0xc0 and from 0xe0 carry their value. */
const rules: Readonly<Record<number, Rule>> = {
  192: () => null,
  194: () => false,
  195: () => true,
  196: (reader) => binary(reader, u8(reader)),
  197: (reader) => binary(reader, u16(reader)),
  198: (reader) => binary(reader, u32(reader)),
  202: (reader) => reader.view.getFloat32(take(reader, 4)),
  203: (reader) => reader.view.getFloat64(take(reader, 8)),
  204: u8,
  205: u16,
  206: u32,
  207: (reader) => narrow(reader.view.getBigUint64(take(reader, 8))),
  208: (reader) => reader.view.getInt8(take(reader, 1)),
  209: (reader) => reader.view.getInt16(take(reader, 2)),
  210: (reader) => reader.view.getInt32(take(reader, 4)),
  211: (reader) => narrow(reader.view.getBigInt64(take(reader, 8))),
  217: (reader) => text(reader, u8(reader)),
  218: (reader) => text(reader, u16(reader)),
  219: (reader) => text(reader, u32(reader)),
  220: (reader, depth) => list(reader, u16(reader), depth),
  221: (reader, depth) => list(reader, u32(reader), depth),
  222: (reader, depth) => map(reader, u16(reader), depth),
  223: (reader, depth) => map(reader, u32(reader), depth),
};

/** A number where that is exact. */
function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function binary(reader: Reader, length: number): Uint8Array {
  const at = take(reader, length);
  return reader.bytes.subarray(at, at + length);
}

function text(reader: Reader, length: number): string {
  const bytes = binary(reader, length);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    reader.at -= length;
    throw malformed(reader, "UTF-8 text", "other bytes");
  }
}

/** Refuses a count that the rest of the message cannot hold, before anything is made for it. */
function checkCount(reader: Reader, count: number): void {
  const rest = reader.bytes.length - reader.at;
  if (count > rest) throw malformed(reader, `${count} values`, `only ${rest} more bytes`);
}

function list(reader: Reader, count: number, depth: number): Value {
  checkCount(reader, count);
  const items: Value[] = [];
  for (let i = 0; i < count; i++) items.push(read(reader, depth - 1));
  return items;
}

function map(reader: Reader, count: number, depth: number): Value {
  checkCount(reader, 2 * count);
  const maps = { text: new Map<string, Value>(), binary: new Map<string, Value>() };
  for (let i = 0; i < count; i++) {
    const start = reader.at;
    const name = read(reader, depth - 1);
    const isText = typeof name === "string";
    if (!isText && !(name instanceof Uint8Array)) {
      reader.at = start;
      throw malformed(reader, "a key that is text or binary", "another");
    }
    const into = isText ? maps.text : maps.binary;
    const key = isText ? name : new TextDecoder().decode(name);
    if (into.has(key)) throw malformed(reader, "every key once", "one again");
    into.set(key, read(reader, depth - 1));
  }
  return maps;
}
