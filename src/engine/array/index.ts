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
export { npyBytes, parseNpy } from "./npy.ts";
export { npzBytes, parseNpz } from "./npz.ts";
export { permuteAxes } from "./permute-axes.ts";
export { parseSafetensors, type Safetensors, safetensorsBytes } from "./safetensors.ts";
export { takeRows } from "./take-rows.ts";
