import { AdvectError } from "../error.ts";
import { allocate, type DataOf, type DType, type NdArray, ndarray } from "./nd-array.ts";

/**
 * The same values as `dtype`: floats are rounded, or truncated toward zero to become integers; anything but 0 is true.
 * The array itself when it has that type already. Throws "numerical" for a value the type cannot hold.
 */
export function asType<D extends DType>(array: NdArray<DType>, dtype: D): NdArray<D> {
  if (hasType(array, dtype)) return array;
  const data = allocate(dtype, array.data.length);
  const write = writers[dtype];
  for (let i = 0; i < data.length; i++) write(data, i, array.data[i]!);
  return ndarray(data, array.shape, dtype);
}

function hasType<D extends DType>(array: NdArray<DType>, dtype: D): array is NdArray<D> {
  return array.dtype === (dtype as DType);
}

type Write = (data: DataOf<DType>, i: number, value: number | bigint) => void;

const writeNumber: Write = (data, i, value) => {
  data[i] = Number(value);
};

const writers: { readonly [D in DType]: Write } = {
  float32: writeNumber,
  float64: writeNumber,
  bool: (data, i, value) => {
    data[i] = Number(value) === 0 ? 0 : 1; // NaN is true, as in numpy
  },
  int32: writeInteger("int32", -(2 ** 31), 2 ** 31 - 1),
  uint8: writeInteger("uint8", 0, 255),
  int64: (data, i, value) => {
    const whole = typeof value === "bigint" ? value : Math.trunc(value);
    if (!(whole >= -(2 ** 63) && whole < 2 ** 63)) throw tooLarge("int64", i, value);
    data[i] = BigInt(whole);
  },
};

function writeInteger(dtype: DType, least: number, largest: number): Write {
  return (data, i, value) => {
    const whole = Math.trunc(Number(value));
    if (!(whole >= least && whole <= largest)) throw tooLarge(dtype, i, value);
    data[i] = whole;
  };
}

function tooLarge(dtype: DType, i: number, value: number | bigint): AdvectError {
  return new AdvectError("numerical", "asType", {
    expected: `values that ${dtype} can hold`,
    got: `${value} at element ${i}`,
    fix: "Clamp the values first, or use a wider type.",
  });
}
