export {
  type AdaptiveControl,
  type AdaptiveOptions,
  adaptive,
  type FixedControl,
  type FixedOptions,
  fixed,
} from "./control.ts";
export { dopri8 } from "./dopri8.ts";
export { adaptiveHeun, bosh3, dopri5, fehlberg2, tsit5 } from "./embedded.ts";
export { type ErrorNorm, perSample, twoParts, twoPartsPerSample, wholeBatch } from "./error-norm.ts";
export { exportSampler, type SamplerExport } from "./export-sampler.ts";
export {
  cosineGrid,
  type EdmGrid,
  edmGrid,
  shiftedGrid,
  swayGrid,
  uniformGrid,
  warpedGrid,
} from "./grids.ts";
export { type IntegrateOptions, integrate, type Solution } from "./integrate.ts";
export {
  bitsPerDimension,
  type DensityOptions,
  type Likelihood,
  logLikelihood,
  logStandardNormal,
  sampleWithLikelihood,
  withDivergence,
} from "./likelihood.ts";
export { euler, heun2, heun3, midpoint, ralston, rk4, rk4ThreeEighths } from "./methods.ts";
export type { StepRecord, Stop } from "./run.ts";
export {
  type ConditionArgument,
  type Position,
  type Sampler,
  type SamplerOptions,
  type Stepped,
  sampler,
} from "./sampler.ts";
export type { SamplingProblem, Way } from "./sampling.ts";
export {
  type DiffusedField,
  eulerMaruyama,
  type SdeOptions,
  type SdeReport,
  type StochasticStep,
  type StochasticStepper,
  solveSde,
  stochasticHeun,
} from "./sde.ts";
export { type SolveOptions, type SolveReport, solve } from "./solve.ts";
export { type RungeKutta, rungeKutta, type Stepper } from "./stepper.ts";
export type { Tableau } from "./tableau.ts";
