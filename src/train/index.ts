export { type AdamOptions, adam, adamW, amsgrad } from "./adam.ts";
export { clipCoefficient, globalNorm } from "./clip.ts";
export {
  type Anneal,
  cosineAnneal,
  cosineRate,
  linearAnneal,
  type OneCycleOptions,
  oneCycleRate,
  type RestartOptions,
  restartingRate,
} from "./cycle.ts";
export {
  constantDecay,
  type Decay,
  type PowerDecayOptions,
  powerDecay,
  updateAverage,
  warmupDecay,
} from "./ema.ts";
export {
  type FusedAdamW,
  type FusedOptions,
  type FusedStep,
  fusedAdamW,
  type Kernel,
  kernelOn,
} from "./fused.ts";
export { type Entry, type Layout, type LayoutOptions, layout, type Stretch } from "./layout.ts";
export type { Optimizer, OptimizerState, Range, Update, Vector } from "./optimizer.ts";
export { type AdamPlane, adamPlanes, allocatePlanes, type Planes } from "./planes.ts";
export type { LossFunction, Objective } from "./program.ts";
export {
  asRate,
  constantRate,
  exponentialRate,
  linearRate,
  multiStepRate,
  polynomialRate,
  type Rate,
  stepRate,
  withWarmup,
} from "./rate.ts";
export { type SgdOptions, sgd } from "./sgd.ts";
export { type Snapshot, type StepReport, type Trainer, type TrainerRequest, trainer } from "./trainer.ts";
