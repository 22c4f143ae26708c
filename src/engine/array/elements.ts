import { allocate, type DataOf, type DType, sizeOf, viewAs } from "./nd-array.ts";

/** Little-endian element types of files, named as numpy does; bf2 is bfloat16. */
export type ElementType =
  | "b1"
  | "u1"
  | "i1"
  | "u2"
  | "i2"
  | "f2"
  | "bf2"
  | "u4"
  | "i4"
  | "f4"
  | "u8"
  | "i8"
  | "f8";

interface Element {
  readonly size: number;
  /** The nearest type that holds every value. */
  readonly dtype: DType;
  /** Says what is wrong with the values, if anything: u8 beyond 2^63, b1 other than 0 and 1. */
  readonly flaw?: (bytes: Uint8Array) => string | undefined;
  /** Where the type is not our own; `bytes` are aligned. */
  readonly convert?: (bytes: Uint8Array) => DataOf<DType>;
}

export const elements: { readonly [T in ElementType]: Element } = {
  b1: {
    size: 1,
    dtype: "bool",
    flaw: (bytes) => (bytes.some((byte) => byte > 1) ? "a bool over 1" : undefined),
  },
  u1: { size: 1, dtype: "uint8" },
  i1: { size: 1, dtype: "int32", convert: (bytes) => new Int32Array(view(Int8Array, bytes)) },
  u2: { size: 2, dtype: "int32", convert: (bytes) => new Int32Array(view(Uint16Array, bytes)) },
  i2: { size: 2, dtype: "int32", convert: (bytes) => new Int32Array(view(Int16Array, bytes)) },
  f2: { size: 2, dtype: "float32", convert: (bytes) => widened(bytes, halfBits) },
  bf2: { size: 2, dtype: "float32", convert: (bytes) => widened(bytes, (bits) => bits << 16) },
  u4: { size: 4, dtype: "int64", convert: (bytes) => BigInt64Array.from(view(Uint32Array, bytes), BigInt) },
  i4: { size: 4, dtype: "int32" },
  f4: { size: 4, dtype: "float32" },
  u8: { size: 8, dtype: "int64", flaw: beyondInt64 },
  i8: { size: 8, dtype: "int64" },
  f8: { size: 8, dtype: "float64" },
};

/** `bytes` as numbers: a view where the type is ours and the place is aligned, otherwise a copy. */
export function decodeElements(type: ElementType, bytes: Uint8Array): DataOf<DType> {
  const { size, dtype, convert } = elements[type];
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes); // slice of a Buffer is no copy
  if (convert) return convert(aligned);
  const { buffer, byteOffset, length } = aligned;
  return viewAs(dtype, { buffer, byteOffset, length: length / size });
}

/** The bytes of `data` as they lie in memory: little-endian on every platform JavaScript runs on. */
export function bytesOf(data: DataOf<DType>): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** A copy with the bytes of every element reversed. */
export function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const result = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) result[i] = bytes[i - (i % size) + size - 1 - (i % size)]!;
  return result;
}

/** The row-major order of `data`, which is in column-major order. */
export function fromFortran(data: DataOf<DType>, shape: readonly number[], dtype: DType): DataOf<DType> {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  const result = allocate(dtype, data.length);
  const index = shape.map(() => 0);
  let from = 0;
  for (let i = 0; i < data.length; i++) {
    result[i] = data[from]!;
    let axis = shape.length - 1;
    for (; axis >= 0 && ++index[axis]! === shape[axis]; axis--) {
      from -= strides[axis]! * (shape[axis]! - 1);
      index[axis] = 0;
    }
    if (axis >= 0) from += strides[axis]!;
  }
  return result;
}

type ViewOf<T> = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => T;

function view<T extends ArrayBufferView>(
  View: ViewOf<T> & { BYTES_PER_ELEMENT: number },
  bytes: Uint8Array,
): T {
  return new View(bytes.buffer, bytes.byteOffset, bytes.length / View.BYTES_PER_ELEMENT);
}

function beyondInt64(bytes: Uint8Array): string | undefined {
  for (let i = 7; i < bytes.length; i += 8) if (bytes[i]! >= 128) return "a value of 2^63 or more";
  return undefined;
}

function widened(bytes: Uint8Array, toFloat32Bits: (bits: number) => number): Float32Array {
  const bits = Int32Array.from(view(Uint16Array, bytes), toFloat32Bits);
  return new Float32Array(bits.buffer);
}

/** float16 to float32 bits: exact, since every half, subnormal or not, is a normal float32. */
function halfBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  if (exponent === 31) return sign | 0x7f800000 | (mantissa << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (mantissa << 13);
  if (mantissa === 0) return sign;
  const shift = Math.clz32(mantissa) - 21; // brings the leading one to bit 10
  return sign | ((113 - shift) << 23) | (((mantissa << shift) & 1023) << 13);
}
