import {
  allocate,
  type DataOf,
  type DType,
  type NdArray,
  ndarray,
  sizeOf,
} from "../../engine/array/index.ts";
import { malformed, unsupported } from "../../engine/array/malformed.ts";
import type { Feature } from "./episodes.ts";

/** numpy's element types, and ours that holds every value of them. */
const held: Readonly<Record<string, DType>> = {
  float16: "float32",
  float32: "float32",
  float64: "float64",
  int8: "int32",
  int16: "int32",
  int32: "int32",
  int64: "int64",
  uint8: "uint8",
  uint16: "int32",
  uint32: "int64",
  bool: "bool",
};

/** Whether frames of this feature are numbers, with a column of their own. */
export function isNumeric({ dtype }: Pick<Feature, "dtype">): boolean {
  return Object.hasOwn(held, dtype);
}

/** The type of the column of a feature. Throws "unsupported". */
export function columnType(dtype: string, where: string): DType {
  if (Object.hasOwn(held, dtype)) return held[dtype]!;
  throw unsupported(where, "dtype", dtype, `one of ${Object.keys(held).join(", ")}`);
}

/**
 * The rows of a table as [rows, ...shape]; lists of lists are taken apart, scalars are [rows, 1]. Throws "format",
 * naming the row, for lists of another length, for what is no number, and for numbers that the type does not hold.
 */
export function columnArray(
  values: readonly unknown[],
  { feature, where }: { readonly feature: Feature; readonly where: string },
): NdArray<DType> {
  const dtype = columnType(feature.dtype, where);
  const size = sizeOf(feature.shape);
  const data = allocate(dtype, values.length * size);
  const store = storeInto(data, dtype);
  values.forEach((row, i) => {
    const end = flatten({ row, at: i * size, end: (i + 1) * size, store });
    if (end !== (i + 1) * size) throw wrongRow({ where, row, index: i, feature });
  });
  return ndarray(data, [values.length, ...feature.shape], dtype);
}

/** Puts one number down; false where it is none or does not fit. */
type Store = (value: unknown, at: number) => boolean;

interface Flattened {
  readonly row: unknown;
  readonly at: number;
  readonly end: number;
  readonly store: Store;
}

/** Where the next element goes; -1 when something was wrong. */
function flatten({ row, at, end, store }: Flattened): number {
  if (!isList(row)) return at < end && store(row, at) ? at + 1 : -1;
  let next = at;
  for (let i = 0; i < row.length && next !== -1; i++) next = flatten({ row: row[i], at: next, end, store });
  return next;
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function storeInto(data: DataOf<DType>, dtype: DType): Store {
  if (data instanceof BigInt64Array) {
    return (value, at) => {
      if (typeof value !== "bigint" && !Number.isSafeInteger(value)) return false;
      const exact = BigInt(value as bigint | number);
      data[at] = exact;
      return data[at] === exact;
    };
  }
  if (dtype === "float32" || dtype === "float64") {
    return (value, at) => {
      data[at] = Number(value);
      return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
    };
  }
  return (value, at) => {
    if (!["number", "bigint", "boolean"].includes(typeof value)) return false;
    data[at] = Number(value);
    return data[at] === Number(value) && (dtype !== "bool" || data[at]! <= 1);
  };
}

interface WrongRow {
  readonly where: string;
  readonly row: unknown;
  readonly index: number;
  readonly feature: Feature;
}

function wrongRow({ where, row, index, feature }: WrongRow): Error {
  return malformed(where, `row ${index}`, {
    expected: `${sizeOf(feature.shape)} numbers that ${feature.dtype} holds`,
    got: isList(row) ? `a list of ${row.length}` : String(row),
  });
}
