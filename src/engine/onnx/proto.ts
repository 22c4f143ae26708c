import type { Int } from "./model.ts";

/** How one value of a field is stored. */
export type Kind = "int" | "float" | "double" | "string" | "bytes" | Message<never>;

type KindOf<V> = V extends Int
  ? "int" | "float" | "double"
  : V extends string
    ? "string"
    : V extends Uint8Array
      ? "bytes"
      : Message<V>;

export interface Field<K, Many extends boolean = boolean> {
  readonly number: number;
  readonly kind: K;
  readonly many: Many;
}

type FieldOf<V> = V extends readonly (infer E)[] ? Field<KindOf<E>, true> : Field<KindOf<V>, false>;

/** The fields of a protobuf message; a function, so that messages can contain one another. */
export type Message<T> = () => { readonly [K in keyof T]-?: FieldOf<NonNullable<T[K]>> };

export function one<K>(number: number, kind: K): Field<K, false> {
  return { number, kind, many: false };
}

export function many<K>(number: number, kind: K): Field<K, true> {
  return { number, kind, many: true };
}

export interface NamedField extends Field<Kind> {
  readonly name: string;
}

const tables = new WeakMap<object, Map<number, NamedField>>();

/** The fields of a message by number, in the order of its definition. */
export function fieldsOf<T>(message: Message<T>): Map<number, NamedField> {
  const known = tables.get(message);
  if (known) return known;
  const fields = Object.entries<Field<Kind>>(message() as Record<string, Field<Kind>>);
  const table = new Map(fields.map(([name, field]) => [field.number, { ...field, name }]));
  tables.set(message, table);
  return table;
}

/** The low three bits of a field's tag. */
export const wire = { varint: 0, eight: 1, length: 2, four: 5 } as const;

/** Bytes that grow: small values are gathered, large ones kept as they are until the end. */
interface Output {
  readonly parts: Uint8Array[];
  pending: number[];
  size: number;
}

/** The bytes of `value`; large `bytes` fields are copied once, into the result. */
export function encodeMessage<T extends object>(message: Message<T>, value: T): Uint8Array<ArrayBuffer> {
  const output = written(message, value);
  flush(output);
  const result = new Uint8Array(output.size);
  let at = 0;
  for (const part of output.parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

function written<T extends object>(message: Message<T>, value: T): Output {
  const output: Output = { parts: [], pending: [], size: 0 };
  for (const { name, number, kind } of fieldsOf(message).values()) {
    const content = (value as Record<string, unknown>)[name];
    if (content === undefined) continue;
    for (const item of Array.isArray(content) ? content : [content]) writeField(output, number, kind, item);
  }
  return output;
}

function writeField(output: Output, number: number, kind: Kind, value: unknown): void {
  if (kind === "int") {
    writeVarint(output, number * 8 + wire.varint);
    writeVarint(output, value as Int);
  } else if (kind === "float" || kind === "double") {
    writeVarint(output, number * 8 + (kind === "float" ? wire.four : wire.eight));
    const scalar = kind === "float" ? Float32Array.of(value as number) : Float64Array.of(value as number);
    writeBytes(output, new Uint8Array(scalar.buffer));
  } else {
    writeVarint(output, number * 8 + wire.length);
    if (typeof kind === "function") writeNested(output, written(kind, value as never));
    else writeSized(output, kind === "string" ? utf8.encode(value as string) : (value as Uint8Array));
  }
}

const utf8 = new TextEncoder();

function writeNested(output: Output, { parts, pending, size }: Output): void {
  writeVarint(output, size);
  for (const part of parts) writeBytes(output, part);
  writeBytes(output, pending);
}

function writeSized(output: Output, bytes: Uint8Array): void {
  writeVarint(output, bytes.length);
  writeBytes(output, bytes);
}

/** Negative numbers take ten bytes: two's complement in 64 bits. */
function writeVarint(output: Output, value: Int): void {
  let low = value;
  if (value < 0 || value >= 2 ** 31) {
    let wide = BigInt.asUintN(64, BigInt(value));
    for (; wide >= 2 ** 31; wide >>= 7n) writeByte(output, Number(wide & 0x7fn) | 0x80);
    low = wide;
  }
  let rest = Number(low);
  for (; rest >= 0x80; rest >>>= 7) writeByte(output, (rest & 0x7f) | 0x80);
  writeByte(output, rest);
}

function writeByte(output: Output, byte: number): void {
  output.pending.push(byte);
  output.size++;
}

const largeBytes = 1024;

function writeBytes(output: Output, bytes: Uint8Array | readonly number[]): void {
  if (bytes instanceof Uint8Array && bytes.length >= largeBytes) {
    flush(output);
    output.parts.push(bytes);
  } else for (const byte of bytes) output.pending.push(byte);
  output.size += bytes.length;
}

function flush(output: Output): void {
  if (output.pending.length > 0) output.parts.push(Uint8Array.from(output.pending));
  output.pending = [];
}
