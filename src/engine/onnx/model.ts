import type { DataOf, DType, Shape } from "../array/nd-array.ts";

/** Element types that advect's arrays lack; half precision is kept as its 16 bits. */
interface OtherDataTypes {
  float16: Uint16Array;
  bfloat16: Uint16Array;
  int8: Int8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  uint32: Uint32Array;
  uint64: BigUint64Array;
}

export type OnnxDType = DType | keyof OtherDataTypes;
export type OnnxData = DataOf<DType> | OtherDataTypes[keyof OtherDataTypes];

/** An ONNX file as plain objects: what advect writes, and what it keeps of a file that it reads. */
export interface OnnxModel {
  readonly irVersion: number;
  /** The version of each operator set by domain; "" is ONNX's own. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: string;
  readonly graph: OnnxGraph;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface OnnxGraph {
  readonly name: string;
  /** In topological order. */
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: readonly OnnxTensor[];
  readonly valueInfo?: readonly ValueInfo[];
}

export interface OnnxNode {
  readonly op: string;
  /** "" by default: ONNX's own operators. */
  readonly domain?: string;
  /** An optional input that is left out is "". */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly name?: string;
}

/** An attribute's value; the tag decides the type in the file (Gemm's alpha must be a float even when it is 1). */
export type Attribute =
  | { readonly int: Int }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly tensor: OnnxTensor }
  | { readonly graph: OnnxGraph }
  | { readonly ints: readonly Int[] }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }
  | { readonly tensors: readonly OnnxTensor[] }
  | { readonly graphs: readonly OnnxGraph[] };

/** A 64-bit integer; what a number cannot hold exactly is a bigint. */
export type Int = number | bigint;

/** `data` is borrowed; `bool` holds 0 or 1. */
export interface OnnxTensor {
  readonly name: string;
  readonly dtype: OnnxDType;
  readonly shape: Shape;
  readonly data: OnnxData;
}

/** A length, or the name of one that is not known; "" has not even a name. */
export type Dimension = number | string;

/** Inner graphs may leave out the type and the shape. */
export interface ValueInfo {
  readonly name: string;
  readonly dtype?: OnnxDType;
  readonly shape?: readonly Dimension[];
}

/** The number of each element type in TensorProto.DataType. */
export const elementCodes: Readonly<Record<OnnxDType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
};

/** What advect writes unless told otherwise. */
export const defaults = {
  irVersion: 10,
  opsets: { "": 21, "com.microsoft": 1 },
  producer: "advect",
} as const;
