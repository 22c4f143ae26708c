export { asType } from "./as-type.ts";
export {
  allocate,
  array,
  bytesPerElement,
  type DataOf,
  type DType,
  dtypeOf,
  type NdArray,
  type NumberDType,
  ndarray,
  type Shape,
  sizeOf,
  viewAs,
  zeros,
} from "./nd-array.ts";
export { take } from "./take.ts";
