export { categorical, type Weights } from "./categorical.ts";
export {
  fillNormal,
  fillUniform,
  type NormalOptions,
  normal,
  rademacher,
  type UniformOptions,
  uniform,
} from "./floats.ts";
export { fillIntegers, type IntegersOptions, integers, permutation } from "./integers.ts";
export { type Key, key, restoreKey } from "./key.ts";
