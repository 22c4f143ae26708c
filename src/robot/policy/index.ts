export { type ActionError, type ActionErrorRequest, actionError, holdLastError } from "./action-error.ts";
export {
  type ChunkRows,
  type ChunkRowsOptions,
  chunkRows,
  type ScalingChoice,
  type ScalingChoices,
  scalingsFor,
} from "./chunk-rows.ts";
export { type PolicyDesign, parsePolicyDesign, parsePolicySpec, type RelativeTo } from "./design.ts";
export { type EpisodesSpecOptions, episodesSpec, type Horizons, navigationSpec } from "./episodes-spec.ts";
export { exportPolicy, type PolicyExport, policyParameters } from "./export.ts";
export { type Frame, type History, history } from "./history.ts";
export { type NeuralPolicy, neuralPolicy, type PolicyModel } from "./neural-policy.ts";
export type {
  ActionChunk,
  Committed,
  Observation,
  Policy,
  PolicyRequest,
  PolicySession,
  PolicySpec,
  SessionRequest,
} from "./policy.ts";
export {
  type PushtEpisodesOptions,
  type PushtSpecOptions,
  pushtAgent,
  pushtEpisodes,
  pushtSpec,
} from "./pusht.ts";
export {
  type Scaling,
  type ScalingRule,
  type Scalings,
  sameScaling,
  scalingsFromArrays,
  scalingsToArrays,
} from "./scaling.ts";
export {
  isPolicy,
  type LoadPolicyOptions,
  loadPolicy,
  loadPolicyModel,
  type PolicyConfig,
  type SaveOptions,
  savePolicy,
} from "./store.ts";
export { type PolicyTraining, type PolicyTrainingRequest, policyTraining } from "./training.ts";
export type { Backbone, Method } from "./words.ts";
