export { affine, coefficientsAt, type Path, type PathDraw, type PathSample } from "./affine.ts";
export { blurredCondOT } from "./blurred.ts";
export { type FiniteData, marginal, posteriorMean, toward } from "./marginal.ts";
export {
  type BrownianOptions,
  brownianSpread,
  constantSpread,
  type NoisyDraw,
  type NoisyPath,
  type NoisySample,
  noisy,
  type Spread,
  schrodingerBridge,
} from "./noisy.ts";
export {
  asVelocity,
  convert,
  type Endpoints,
  endpoints,
  type Predicted,
  type Prediction,
  scoreWeight,
} from "./prediction.ts";
export { type Rescheduling, reschedule, type TimeChange, timeChange } from "./reschedule.ts";
export { type Coefficients, type ConvexScheduler, type Scheduler, snr } from "./scheduler.ts";
export { condOT, cosine, linearVP, polynomial } from "./schedulers.ts";
export { stratified } from "./stratified.ts";
export {
  type BetaOptions,
  betaTime,
  cosmapTime,
  edmSkewed,
  type LogNormal,
  logitNormal,
  modeTime,
  type TimeSampler,
  uniformTime,
} from "./time-sampler.ts";
export { type VPOptions, vp } from "./vp.ts";
