export {
  type Attended,
  type AttentionParams,
  type AttentionRequest,
  causalMask,
  type MultiHeadAttentionOptions,
  multiHeadAttention,
  scaledDotProductAttention,
} from "./attention.ts";
export {
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
  type Spread,
} from "./conv.ts";
export { type DropoutOptions, dropout } from "./dropout.ts";
export { embedding } from "./embedding.ts";
export { type GruResult, gru } from "./gru.ts";
export type { Layout } from "./layout.ts";
export { type AffineParams, type LinearOptions, linear } from "./linear.ts";
export { type LstmResult, type LstmState, lstm } from "./lstm.ts";
export {
  type Film,
  type GroupNormOptions,
  groupNorm,
  type LayerNormOptions,
  layerNorm,
  type NormParams,
  rmsNorm,
} from "./norm.ts";
export type { RecurrentOptions, RecurrentParams } from "./recurrent.ts";
export {
  fourierFeatures,
  type SinusoidalOptions,
  sinusoidalEmbedding,
  timestepEmbedding,
} from "./sinusoidal.ts";
