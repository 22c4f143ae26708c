import { AdvectError } from "../../../engine/error.ts";
import { type Fields, isFields, type Value } from "./value.ts";

/**
 * The bytes of a value, in the shortest form of each type; numbers that are no integers as float64. Throws "option" for
 * integers beyond 64 bits. https://github.com/msgpack/msgpack/blob/master/spec.md
 */
export function pack(value: Value): Uint8Array<ArrayBuffer> {
  const out = output();
  write(out, value);
  return out.taken();
}

/** Bytes that grow. */
function output() {
  let bytes = new Uint8Array(256);
  let length = 0;
  /** The next `size` bytes, to be written at once: the next call may move them. */
  const next = (size: number): DataView => {
    const at = length;
    length += size;
    if (length > bytes.length) {
      const larger = new Uint8Array(Math.max(2 * bytes.length, length));
      larger.set(bytes.subarray(0, at));
      bytes = larger;
    }
    return new DataView(bytes.buffer, at, size);
  };
  return {
    u8: (value: number) => next(1).setUint8(0, value),
    u16: (value: number) => next(2).setUint16(0, value),
    u32: (value: number) => next(4).setUint32(0, value),
    i64: (value: bigint) => next(8).setBigInt64(0, value),
    u64: (value: bigint) => next(8).setBigUint64(0, value),
    f64: (value: number) => next(8).setFloat64(0, value),
    raw(part: Uint8Array) {
      const { byteOffset } = next(part.length);
      bytes.set(part, byteOffset);
    },
    taken: () => bytes.slice(0, length),
  };
}

type Output = ReturnType<typeof output>;

function write(out: Output, value: Value): void {
  if (value === null) out.u8(0xc0);
  else if (typeof value === "boolean") out.u8(value ? 0xc3 : 0xc2);
  else if (typeof value === "string") text(out, value);
  else if (typeof value === "bigint") integer(out, value);
  else if (typeof value === "number") number(out, value);
  else if (value instanceof Uint8Array) binary(out, value);
  else if (isFields(value)) map(out, value);
  else list(out, value);
}

function number(out: Output, value: number): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) integer(out, BigInt(value));
  else {
    out.u8(0xcb);
    out.f64(value);
  }
}

function integer(out: Output, value: bigint): void {
  if (value >= -32n && value < 128n) out.u8(Number(value) & 0xff);
  else if (value >= 0n && value < 1n << 32n) unsigned(out, Number(value));
  else if (value >= 0n && value < 1n << 64n) {
    out.u8(0xcf);
    out.u64(value);
  } else if (value < 0n && value >= -(1n << 63n)) {
    out.u8(0xd3);
    out.i64(value);
  } else throw new AdvectError("option", "pack", { expected: "integers of 64 bits", got: value });
}

function unsigned(out: Output, value: number): void {
  if (value < 0x100) {
    out.u8(0xcc);
    out.u8(value);
  } else if (value < 0x10000) {
    out.u8(0xcd);
    out.u16(value);
  } else {
    out.u8(0xce);
    out.u32(value);
  }
}

/** Codes of a type: with the length inside up to `tiny`, then with one of 1, 2 and 4 bytes, where there is such a form. */
interface Heads {
  readonly fixed?: number;
  readonly tiny?: number;
  readonly codes: readonly [number | undefined, number, number];
}

const heads = {
  text: { fixed: 0xa0, tiny: 31, codes: [0xd9, 0xda, 0xdb] },
  binary: { codes: [0xc4, 0xc5, 0xc6] },
  list: { fixed: 0x90, tiny: 15, codes: [undefined, 0xdc, 0xdd] },
  map: { fixed: 0x80, tiny: 15, codes: [undefined, 0xde, 0xdf] },
} as const satisfies Record<string, Heads>;

function head(out: Output, length: number, { fixed, tiny = -1, codes }: Heads): void {
  const [one, two, four] = codes;
  if (length <= tiny) out.u8(fixed! | length);
  else if (length < 0x100 && one !== undefined) {
    out.u8(one);
    out.u8(length);
  } else if (length < 0x10000) {
    out.u8(two);
    out.u16(length);
  } else {
    out.u8(four);
    out.u32(length);
  }
}

function text(out: Output, value: string): void {
  const bytes = new TextEncoder().encode(value);
  head(out, bytes.length, heads.text);
  out.raw(bytes);
}

function binary(out: Output, bytes: Uint8Array): void {
  head(out, bytes.length, heads.binary);
  out.raw(bytes);
}

function list(out: Output, items: readonly Value[]): void {
  head(out, items.length, heads.list);
  for (const item of items) write(out, item);
}

function map(out: Output, value: Fields): void {
  head(out, value.text.size + value.binary.size, heads.map);
  for (const [name, item] of value.text) {
    text(out, name);
    write(out, item);
  }
  for (const [name, item] of value.binary) {
    binary(out, new TextEncoder().encode(name));
    write(out, item);
  }
}
