export {
  type EvaluatePushtOptions,
  evaluatePusht,
  type PushtEvaluation,
  publishedSeeds,
} from "./evaluate.ts";
export { type LiveOptions, type LiveReport, type LiveStep, livePusht } from "./live.ts";
export { type MainJobRequest, type MainJobResult, pushtMainJob } from "./main-job.ts";
export { type PictureOptions, savePictures } from "./pictures.ts";
export { contactSheet, type ReplayOptions, replayed, replayFrames } from "./replay.ts";
export { type Unfolding, type UnfoldOptions, unfold } from "./unfold.ts";
export { policyVersion } from "./version.ts";
