import {
  bytesPerElement,
  type DataOf,
  type NdArray,
  type NumberDType,
  ndarray,
  sizeOf,
  viewAs,
} from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { type Fields, isFields, type Value } from "./msgpack/index.ts";

/** NumPy's names of the types that we send; machines that run JavaScript are little-endian. */
const names: Readonly<Record<NumberDType, string>> = {
  float32: "<f4",
  float64: "<f8",
  int32: "<i4",
  uint8: "|u1",
  bool: "|b1",
};

/** An array as openpi packs it: { b"__ndarray__": true, b"data", b"dtype", b"shape" }. */
export function packedArray({ data, dtype, shape }: NdArray): Fields {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const binary = new Map<string, Value>([
    ["__ndarray__", true],
    ["data", bytes],
    ["dtype", names[dtype]],
    ["shape", shape],
  ]);
  return { text: new Map(), binary };
}

type ReadElement = (view: DataView, at: number, little: boolean) => number;

/** How elements of NumPy's types are read that are not ours, or not in our byte order: into float64. */
const readers: Readonly<Record<string, ReadElement>> = {
  f2: (view, at, little) => half(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  b1: (view, at) => Number(view.getUint8(at) !== 0),
};

/** A float16 [IEEE 754-2019, 3.4]. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : (fraction / 1024) * 2 ** -14);
}

/** Whether a value stands for an array or a NumPy scalar, or is a number. */
export const isArrayLike = (value: Value | undefined): boolean =>
  typeof value === "number" ||
  typeof value === "boolean" ||
  (isFields(value) && (marked(value, "__ndarray__") || marked(value, "__npgeneric__")));

/** Marks with text keys come from languages that have no others. */
const marked = (value: Fields, mark: string) => value.binary.has(mark) || value.text.has(mark);

/**
 * The array that a value stands for; numbers and NumPy scalars have shape []. Types that NdArray does not have become
 * float64. Throws "format", naming the field.
 */
export function arrayOf(value: Value, field: string): NdArray {
  if (typeof value === "number" || typeof value === "boolean") return scalar(Number(value));
  if (isFields(value) && marked(value, "__npgeneric__")) return arrayOf(part(value, "data"), field);
  if (isFields(value) && marked(value, "__ndarray__")) return unpacked(value, field);
  throw wrong(field, { expected: "an array of numbers", got: kindOf(value) });
}

const scalar = (value: number) => ndarray(Float64Array.of(value), []);
const part = (value: Fields, name: string): Value => value.binary.get(name) ?? value.text.get(name) ?? null;

function unpacked(value: Fields, field: string): NdArray {
  const shape = part(value, "shape");
  const data = part(value, "data");
  const dtypeName = part(value, "dtype");
  const match = typeof dtypeName === "string" ? /^([<>|=])([fiub][1248])$/.exec(dtypeName) : null;
  const [, order, type = ""] = match ?? [];
  const reader = Object.hasOwn(readers, type) ? readers[type] : undefined;
  if (!reader) {
    throw wrong(field, { expected: "a dtype of numbers such as <f4", got: shown(dtypeName) });
  }
  if (!isShape(shape)) throw wrong(field, { expected: "a shape of at most 32 lengths", got: shown(shape) });
  const size = sizeOf(shape);
  const each = Number(type[1]);
  if (!(data instanceof Uint8Array) || data.length !== size * each) {
    const got = data instanceof Uint8Array ? `${data.length} bytes` : kindOf(data);
    throw wrong(field, { expected: `${size * each} bytes of data for ${type} [${shape}]`, got });
  }
  const dtype = (Object.keys(names) as NumberDType[]).find((name) => names[name].endsWith(type));
  if (dtype && dtype !== "bool" && order !== ">") return ndarray(copied(dtype, data), shape, dtype);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return ndarray(
    Float64Array.from({ length: size }, (_, i) => reader(view, i * each, order !== ">")),
    shape,
  );
}

/** Messages are not aligned. */
function copied<D extends NumberDType>(dtype: D, bytes: Uint8Array): DataOf<D> {
  const { buffer } = Uint8Array.from(bytes);
  return viewAs(dtype, { buffer, byteOffset: 0, length: bytes.length / bytesPerElement(dtype) });
}

const isShape = (value: Value): value is readonly number[] =>
  Array.isArray(value) &&
  value.length <= 32 &&
  value.every((length) => Number.isSafeInteger(length) && length >= 0);

function wrong(field: string, report: { readonly expected: string; readonly got: string }): AdvectError {
  return new AdvectError("format", field, report);
}

/** A value for errors, of bounded length. */
function shown(value: Value): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  if (!Array.isArray(value)) return kindOf(value);
  const items = value.slice(0, 33).map((item: Value) => (typeof item === "number" ? item : kindOf(item)));
  return `[${items.join(", ")}]`;
}

/** A value in a word, for errors. */
export function kindOf(value: Value | undefined): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list (numpy.asarray makes it an array)";
  if (value instanceof Uint8Array) return "bytes";
  return typeof value === "object" ? "a dict" : `a ${typeof value}`;
}
