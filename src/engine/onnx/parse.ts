import { decodeUtf8, malformed } from "../array/malformed.ts";
import type { Int } from "./model.ts";
import { fieldsOf, type Kind, type Message, type NamedField, wire } from "./proto.ts";

/** Where in the file a value is, for errors: graph.node[3].attribute[0].t */
interface Place {
  readonly parent?: Place;
  readonly name: string;
}

interface Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly where: string;
  readonly place: Place | undefined;
  readonly depth: number;
  readonly count: { messages: number };
  readonly end: number;
  at: number;
}

/** protobuf's own limit, which every graph in practice stays far below. */
const maxDepth = 100;
/** Two bytes can hold a message, which takes hundreds in memory; real models have well under a million. */
const maxMessages = 2e6;

/**
 * Reads a protobuf message: repeated fields become arrays, absent ones are absent, unknown ones are skipped, `bytes`
 * are views. Throws "format" for anything that is not protobuf, and takes no more memory than the file warrants.
 */
export function parseMessage<T extends object>(message: Message<T>, bytes: Uint8Array, where: string): T {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = { messages: 0 };
  const root = { bytes, view, where, count, place: undefined, depth: 0, at: 0, end: bytes.length };
  return readMessage(root, message as unknown as Message<never>) as T;
}

function readMessage(cursor: Cursor, message: Message<never>): object {
  if (cursor.depth > maxDepth) throw failure(cursor, `at most ${maxDepth} nested messages`, "more");
  if (++cursor.count.messages > maxMessages) throw failure(cursor, `at most ${maxMessages} messages`, "more");
  const fields = fieldsOf(message);
  const result: Record<string, unknown> = {};
  while (cursor.at < cursor.end) {
    const { number, wireType } = readTag(cursor);
    const found = fields.get(number);
    if (found) readField(cursor, { ...found, wireType, result });
    else skip(inside(cursor, `field ${number}`), wireType, cursor);
  }
  return result;
}

interface Occurrence extends NamedField {
  readonly wireType: number;
  readonly result: Record<string, unknown>;
}

function readField(cursor: Cursor, { name, kind, many, wireType, result }: Occurrence): void {
  const items = many ? ((result[name] ??= []) as unknown[]) : undefined;
  const field = inside(cursor, items ? `${name}[${items.length}]` : name);
  if (items && wireType === wire.length && isNumeric(kind)) {
    const end = readLength(field);
    const packed = { ...field, end };
    while (packed.at < packed.end) items.push(readValue(packed, kind));
    cursor.at = packed.end;
    return;
  }
  if (wireType !== wireTypes(kind)) {
    throw failure(field, `wire type ${wireTypes(kind)}`, wireType);
  }
  if (!items && typeof kind === "function" && name in result) throw failure(field, "one value", "a second");
  const value = readValue(field, kind);
  cursor.at = field.at;
  if (items) items.push(value);
  else result[name] = value;
}

function isNumeric(kind: Kind): boolean {
  return kind === "int" || kind === "float" || kind === "double";
}

function wireTypes(kind: Kind): number {
  if (kind === "int") return wire.varint;
  if (kind === "float") return wire.four;
  return kind === "double" ? wire.eight : wire.length;
}

function readValue(cursor: Cursor, kind: Kind): unknown {
  if (kind === "int") return readVarint(cursor);
  if (kind === "float") return cursor.view.getFloat32(advance(cursor, 4), true);
  if (kind === "double") return cursor.view.getFloat64(advance(cursor, 8), true);
  const end = readLength(cursor);
  const start = cursor.at;
  cursor.at = end;
  if (typeof kind === "function")
    return readMessage({ ...cursor, at: start, end, depth: cursor.depth + 1 }, kind);
  const bytes = cursor.bytes.subarray(start, end);
  return kind === "bytes" ? bytes : decodeUtf8(bytes, cursor.where, path(cursor));
}

function readTag(cursor: Cursor): { number: number; wireType: number } {
  const tag = readVarint(cursor);
  if (typeof tag === "bigint" || tag < 8 || tag >= 2 ** 32) throw failure(cursor, "a field's tag", tag);
  return { number: Math.floor(tag / 8), wireType: tag % 8 };
}

/** The end of a length-delimited value whose first byte is next. */
function readLength(cursor: Cursor): number {
  const length = readVarint(cursor);
  if (typeof length === "number" && length >= 0 && length <= cursor.end - cursor.at)
    return cursor.at + length;
  throw failure(cursor, `a length of at most ${cursor.end - cursor.at} bytes`, length);
}

/** A signed 64-bit integer; a bigint where a number would not be exact. */
function readVarint(cursor: Cursor): Int {
  const start = cursor.at;
  let value = 0;
  for (let scale = 1; cursor.at - start < 7; scale *= 128) {
    const byte = cursor.bytes[advance(cursor, 1)]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
  let wide = BigInt(value);
  for (let shift = 49n; shift < 70n; shift += 7n) {
    const byte = cursor.bytes[advance(cursor, 1)]!;
    wide |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return narrowest(BigInt.asIntN(64, wide));
  }
  throw failure(cursor, "an integer of at most 10 bytes", "more");
}

function narrowest(value: bigint): Int {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function skip(field: Cursor, wireType: number, cursor: Cursor): void {
  if (wireType === wire.varint) readVarint(field);
  else if (wireType === wire.eight) advance(field, 8);
  else if (wireType === wire.four) advance(field, 4);
  else if (wireType === wire.length) field.at = readLength(field);
  else throw failure(field, "wire type 0, 1, 2 or 5", wireType);
  cursor.at = field.at;
}

/** Moves past `count` bytes and returns where they begin. */
function advance(cursor: Cursor, count: number): number {
  const start = cursor.at;
  if (count > cursor.end - start) {
    throw failure(cursor, `${count} more bytes`, `${cursor.end - start} before the end`);
  }
  cursor.at += count;
  return start;
}

function inside(cursor: Cursor, name: string): Cursor {
  return { ...cursor, place: cursor.place ? { parent: cursor.place, name } : { name } };
}

function path({ place }: Cursor): string {
  const names: string[] = [];
  for (let here = place; here; here = here.parent) names.unshift(here.name);
  return names.slice(0, 12).join(".") || "the file";
}

function failure(cursor: Cursor, expected: string, got: unknown): Error {
  return malformed(cursor.where, path(cursor), { expected, got });
}
