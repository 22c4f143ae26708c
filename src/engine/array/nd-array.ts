import { AdvectError } from "../error.ts";

interface DataTypes {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

export type DType = keyof DataTypes;
/** The types whose elements are JavaScript numbers: all but int64. */
export type NumberDType = Exclude<DType, "int64">;
export type DataOf<D extends DType> = DataTypes[D];
export type Shape = readonly number[];

/**
 * Numbers with a shape, row-major and contiguous. `bool` holds 0 or 1.
 * An array you are given is borrowed: do not write into its data.
 */
export interface NdArray<D extends DType = NumberDType> {
  readonly shape: Shape;
  readonly dtype: D;
  readonly data: DataOf<D>;
}

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

export function sizeOf(shape: Shape): number {
  return shape.reduce((size, length) => size * length, 1);
}

function isShape(shape: Shape): boolean {
  return shape.every((length) => Number.isSafeInteger(length) && length >= 0);
}

export function bytesPerElement(dtype: DType): number {
  return constructors[dtype].BYTES_PER_ELEMENT;
}

/** A zeroed buffer of `size` elements. */
export function allocate<D extends DType>(dtype: D, size: number): DataOf<D> {
  return new constructors[dtype](size) as DataOf<D>;
}

/** `bytes` seen as elements of `dtype`, without a copy; byteOffset must be aligned. */
export function viewAs<D extends DType>(
  dtype: D,
  bytes: { buffer: ArrayBufferLike; byteOffset: number; length: number },
): DataOf<D> {
  return new constructors[dtype](
    bytes.buffer as ArrayBuffer,
    bytes.byteOffset,
    bytes.length,
  ) as unknown as DataOf<D>;
}

/** The dtype that typed arrays of a class have unless another is named. */
type NaturalDType<Data> = Data extends Float32Array
  ? "float32"
  : Data extends Float64Array
    ? "float64"
    : Data extends Int32Array
      ? "int32"
      : Data extends BigInt64Array
        ? "int64"
        : "uint8";

/** Wraps `data` without copying it. Throws "shape" unless the product of `shape` is the number of elements. */
export function ndarray<D extends DType>(data: DataOf<D>, shape: Shape, dtype: D): NdArray<D>;
export function ndarray<Data extends DataOf<DType>>(data: Data, shape: Shape): NdArray<NaturalDType<Data>>;
export function ndarray(data: DataOf<DType>, shape: Shape, dtype: DType = dtypeOf(data)): NdArray<DType> {
  if (!isShape(shape) || sizeOf(shape) !== data.length) {
    throw new AdvectError("shape", "ndarray", {
      expected: `a shape holding ${data.length} elements`,
      got: shape,
      fix: "The product of the shape must equal the length of the data.",
    });
  }
  return { shape: [...shape], dtype, data };
}

/** Throws "shape" unless every length is an integer >= 0. */
export function zeros<D extends DType = "float32">(shape: Shape, dtype: D = "float32" as D): NdArray<D> {
  if (!isShape(shape)) {
    throw new AdvectError("shape", "zeros", { expected: "integers >= 0", got: shape });
  }
  return ndarray(allocate(dtype, sizeOf(shape)), shape, dtype);
}

type Nested = number | readonly Nested[];

/** Builds an array from nested lists, `array([[1, 2], [3, 4]])`. Throws "shape" when rows differ in length. */
export function array<D extends NumberDType = "float32">(
  values: Nested,
  dtype: D = "float32" as D,
): NdArray<D> {
  const shape = nestedShape(values);
  const data = allocate(dtype, sizeOf(shape)) as Float32Array;
  let next = 0;
  const fill = (value: Nested, depth: number): void => {
    const list = typeof value === "number" ? undefined : value;
    if (list === undefined ? depth < shape.length : list.length !== shape[depth]) {
      throw new AdvectError("shape", "array", {
        expected: `nested lists of shape [${shape}]`,
        got: list === undefined ? "a number" : `a list of ${list.length} at depth ${depth}`,
        fix: "Give every row the same length.",
      });
    }
    if (list === undefined) data[next++] = value as number;
    else for (const item of list) fill(item, depth + 1);
  };
  fill(values, 0);
  return ndarray(data as unknown as DataOf<D>, shape, dtype);
}

function nestedShape(values: Nested): number[] {
  const shape: number[] = [];
  for (
    let level: Nested | undefined = values;
    typeof level === "object";
    level = (level as readonly Nested[])[0]
  ) {
    shape.push((level as readonly Nested[]).length);
  }
  return shape;
}

export function dtypeOf(data: DataOf<DType>): DType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof BigInt64Array) return "int64";
  return "uint8";
}
