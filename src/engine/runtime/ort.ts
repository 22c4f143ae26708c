import type { Tensor as OrtTensor } from "onnxruntime-web";
import { type DType, type NdArray, ndarray } from "../array/index.ts";
import { AdvectError } from "../error.ts";
import type { Arrays } from "./session.ts";

/** What both onnxruntime packages call their tensor class. */
export type TensorClass = typeof OrtTensor;

/** A view of the array as an onnxruntime tensor; nothing is copied here. */
export function toOrt(Tensor: TensorClass, array: NdArray<DType>): OrtTensor {
  return new Tensor(array.dtype, array.data as Float32Array, array.shape);
}

export function fromOrt(tensor: OrtTensor): NdArray<DType> {
  return ndarray(tensor.data as Float32Array, tensor.dims, checkedType(tensor.type) as "float32");
}

export function toOrtRecord(Tensor: TensorClass, arrays: Arrays): Record<string, OrtTensor> {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, toOrt(Tensor, array)]));
}

const types: readonly string[] = [
  "float32",
  "float64",
  "int32",
  "int64",
  "uint8",
  "bool",
] satisfies readonly DType[];

/** Throws "unsupported" for element types that have no NdArray. */
export function checkedType(type: string): DType {
  if (types.includes(type)) return type as DType;
  throw new AdvectError("unsupported", "onnxruntime", {
    expected: `values of type ${types.join(", ")}`,
    got: type,
    fix: "Convert them with a Cast node in the model.",
  });
}
