export {
  type Activation,
  activations,
  elu,
  gelu,
  geluTanh,
  glu,
  hardswish,
  leakyRelu,
  selu,
} from "./activation.ts";
export * from "./backbones/index.ts";
export { indexed, initEach, type Modules, type ParamsOf, within } from "./compose.ts";
export type { Start } from "./initial.ts";
export * from "./layers/index.ts";
export { type Compared, huber, l1, mse, smoothL1 } from "./loss.ts";
export type { Layer, Model, Params, Values } from "./model.ts";
export {
  type SpectralNorm,
  type SpectralNormOptions,
  type SpectralParams,
  type SpectralVectors,
  spectralNorm,
} from "./spectral-norm.ts";
