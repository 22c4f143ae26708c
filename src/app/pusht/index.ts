export {
  type ComparePoliciesOptions,
  comparePolicies,
  type PolicyComparison,
  type PolicyRow,
} from "./compare.ts";
export {
  comparisonFigure,
  type SaveComparisonOptions,
  savePolicyComparison,
  unfoldingFigures,
} from "./compare-save.ts";
export { policyComparisonJson, policyComparisonText } from "./compare-text.ts";
export {
  type EvaluatePushtOptions,
  evaluatePusht,
  type PushtEvaluation,
  publishedSeeds,
} from "./evaluate.ts";
export { type LiveOptions, type LiveReport, type LiveStep, livePusht } from "./live.ts";
export { type MainJobRequest, type MainJobResult, pushtMainJob } from "./main-job.ts";
export {
  type ComparedMethod,
  type ComparedSampler,
  type PolicyMethodName,
  policyMethodNames,
  policyMethods,
} from "./methods.ts";
export { type Ways, waysOf } from "./navigation.ts";
export { type NoiseRequest, type NoiseResponse, noiseResponse } from "./noise-response.ts";
export { type PictureOptions, savePictures } from "./pictures.ts";
export { contactSheet, type ReplayOptions, replayed, replayFrames } from "./replay.ts";
export { type Unfolding, type UnfoldOptions, unfold } from "./unfold.ts";
export { policyVersion } from "./version.ts";
