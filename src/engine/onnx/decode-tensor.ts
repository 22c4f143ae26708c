import { decodeElements, type ElementType } from "../array/elements.ts";
import { malformed } from "../array/malformed.ts";
import { type DType, type NdArray, ndarray, sizeOf } from "../array/nd-array.ts";
import { AdvectError } from "../error.ts";
import { elementCodes, type Int, type OnnxData, type OnnxDType, type OnnxTensor } from "./model.ts";
import type { TensorProto } from "./schema.ts";

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
} as const;

const byCode = new Map(Object.entries(elementCodes).map(([dtype, code]) => [code, dtype as OnnxDType]));

/** Where in which file, for errors. */
export interface Spot {
  readonly where: string;
  readonly field: string;
}

/** The tensor with its numbers, from whichever field holds them. Throws "format" and "unsupported". */
export function decodeTensor(proto: TensorProto, spot: Spot): OnnxTensor {
  const name = proto.name ?? "";
  const here = { ...spot, field: name ? `${spot.field} "${name}"` : spot.field };
  refuseElsewhere(proto, here);
  const dtype = decodeElementType(proto.dataType, here);
  const shape = (proto.dims ?? []).map((length) => decodeLength(length, here));
  const data = proto.rawData ? fromRaw(proto.rawData, dtype, here) : fromTyped(proto, dtype);
  if (data.length !== sizeOf(shape)) {
    const expected = `${sizeOf(shape)} elements for shape [${shape}]`;
    throw malformed(here.where, here.field, { expected, got: `${data.length}` });
  }
  if (dtype === "bool" && (data as Uint8Array).some((value) => value > 1)) {
    throw malformed(here.where, here.field, { expected: "bools of 0 or 1", got: "another value" });
  }
  return { name, dtype, shape, data };
}

export function decodeElementType(code: Int | undefined, { where, field }: Spot): OnnxDType {
  const dtype = byCode.get(Number(code ?? 0));
  if (dtype) return dtype;
  if (code === undefined || code < 1) {
    throw malformed(where, field, { expected: "an element type", got: `${code ?? "none"}` });
  }
  throw new AdvectError("unsupported", `${where}, ${field}`, {
    expected: `an element type among ${Object.keys(elementCodes).join(", ")}`,
    got: `number ${code} of TensorProto.DataType`,
    fix: "Convert it in the program that wrote the file.",
  });
}

/** A length >= 0. Throws "format". */
export function decodeLength(length: Int, { where, field }: Spot): number {
  if (typeof length === "number" && length >= 0) return length;
  throw malformed(where, `${field}, shape`, { expected: "lengths >= 0", got: `${length}` });
}

function refuseElsewhere({ dataLocation, externalData, segment }: TensorProto, { where, field }: Spot): void {
  if (!segment && !externalData?.length && !dataLocation) return;
  throw new AdvectError("unsupported", `${where}, ${field}`, {
    expected: "all numbers inside the file",
    got: segment ? "a tensor in segments" : "external data",
    fix: "Save it in one file: onnx.save(onnx.load(path), path, save_as_external_data=False).",
  });
}

function fromRaw(bytes: Uint8Array, dtype: OnnxDType, { where, field }: Spot): OnnxData {
  const size = arrays[dtype].BYTES_PER_ELEMENT;
  if (bytes.length % size > 0) {
    throw malformed(where, field, { expected: `a multiple of ${size} bytes`, got: `${bytes.length}` });
  }
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new arrays[dtype](buffer as ArrayBuffer, byteOffset, bytes.length / size);
}

/** Half precision and small integers are stored as int32, one element each. */
function fromTyped(proto: TensorProto, dtype: OnnxDType): OnnxData {
  if (dtype === "float32") return Float32Array.from(proto.floatData ?? []);
  if (dtype === "float64") return Float64Array.from(proto.doubleData ?? []);
  if (dtype === "int64") return BigInt64Array.from(proto.int64Data ?? [], BigInt);
  if (dtype === "uint64") return BigUint64Array.from(proto.uint64Data ?? [], BigInt);
  if (dtype === "uint32") return Uint32Array.from(proto.uint64Data ?? [], Number);
  return new arrays[dtype]((proto.int32Data ?? []).map(Number));
}

const elementTypes: Readonly<Record<OnnxDType, ElementType>> = {
  float32: "f4",
  float64: "f8",
  int8: "i1",
  int16: "i2",
  int32: "i4",
  int64: "i8",
  uint8: "u1",
  uint16: "u2",
  uint32: "u4",
  uint64: "u8",
  bool: "b1",
  float16: "f2",
  bfloat16: "bf2",
};

/** The tensor's numbers in the nearest type that arrays have: half precision becomes float32; a view if none is needed. */
export function numbersOf({ dtype, shape, data }: OnnxTensor): NdArray<DType> {
  const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  const numbers = decodeElements(elementTypes[dtype], bytes);
  return dtype === "bool" ? ndarray(numbers, shape, "bool") : ndarray(numbers, shape);
}
