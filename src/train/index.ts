export { type AdamOptions, adam, adamW, amsgrad } from "./adam.ts";
export { type Arrival, arrayBatches, type Batches, mapBatches } from "./batches.ts";
export {
  arranged,
  type Checkpoint,
  type CheckpointContent,
  type Config,
  loadCheckpoint,
  type NamedArrays,
  saveCheckpoint,
  snapshotOf,
} from "./checkpoint.ts";
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
export { fit } from "./fit.ts";
export type { FitRequest, FitResult, LogOptions } from "./fit-request.ts";
export {
  type FusedAdamW,
  type FusedOptions,
  type FusedStep,
  fusedAdamW,
  type Kernel,
  kernelOn,
} from "./fused.ts";
export { type Entry, type Layout, type LayoutOptions, layout, type Stretch } from "./layout.ts";
export { type LogEntry, readLog } from "./log.ts";
export type { Optimizer, OptimizerState, Range, Update, Vector } from "./optimizer.ts";
export { type PairedBatchesOptions, pairedBatches, type UnpairedBatch } from "./paired-batches.ts";
export { type AdamPlane, adamPlanes, allocatePlanes, type Planes } from "./planes.ts";
export type { LossFunction, Objective } from "./program.ts";
export type { Interval, Progress } from "./progress.ts";
export type { ProgressOptions, Terminal } from "./progress-line.ts";
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
export { type CheckpointOptions, newestCheckpoint, type StoreContext } from "./store.ts";
export { type OpenStream, prefetched, type StreamStart, streamBatches } from "./stream.ts";
export {
  type Evaluation,
  type Snapshot,
  type StepReport,
  type Trainer,
  type TrainerRequest,
  trainer,
} from "./trainer.ts";
export { type ValidationOptions, validation } from "./validation.ts";
