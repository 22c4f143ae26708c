export {
  type BetaRange,
  linearBetas,
  type SquaredCosine,
  scaledLinearBetas,
  sigmoidBetas,
  squaredCosineBetas,
} from "./betas.ts";
export { type Denoised, type Denoising, denoise } from "./denoise.ts";
export { type DiffusionMatchingOptions, diffusionMatching } from "./diffusion-matching.ts";
export { diffusionRate } from "./diffusion-rate.ts";
export { type DynamicShift, type FlowMatchOptions, flowMatchTimes } from "./flow-match-times.ts";
export { type BetaScheduler, fromBetas } from "./from-betas.ts";
export { levelTime } from "./level-time.ts";
export {
  convertDiffusion,
  type DiffusionPredicted,
  type DiffusionPrediction,
  diffusionEnds,
  type Network,
  predictionOf,
  probabilityFlow,
  scoreField,
  type Trained,
} from "./prediction.ts";
export { type DenoisingReport, solveDenoising } from "./solve-denoising.ts";
export { type Respacing, type Spacing, spacedSteps, spacedTimes } from "./spacing.ts";
export {
  type DdpmOptions,
  ddim,
  ddpm,
  type NoiseLevel,
  posteriorVariances,
  renoise,
  type Transition,
  type TransitionWeights,
} from "./transition.ts";
