export {
  type EpisodeArrays,
  episodesFromArrays,
  episodesFromReplay,
  featureName,
} from "./arrays.ts";
export { withoutFeatures } from "./bookkeeping.ts";
export {
  columnStatistics,
  type FeatureStatistics,
  mergeStatistics,
  type StatisticName,
  type WholeStatistics,
} from "./column-statistics.ts";
export {
  columnOf,
  type Episode,
  type Episodes,
  type Feature,
  frameCount,
  selectEpisodes,
  type VideoPart,
} from "./episodes.ts";
export { type LoadOptions, loadLeRobot } from "./lerobot.ts";
export { cameraKeys, type FramesRequest, loadFrames } from "./load-frames.ts";
export {
  type NormalizationRule,
  normalizations,
  normalizedEpisodes,
  rescaled,
  rescaledByQuantiles,
  standardized,
  statisticsFromArrays,
  statisticsToArrays,
} from "./normalize.ts";
export { type ChunkOffsets, chunkOffsets, deltaOffsets } from "./offsets.ts";
export { imagePng, parsePng } from "./png.ts";
export type { Problem } from "./problems.ts";
export { type PushtOptions, pushtDemonstrations } from "./pusht.ts";
export { type EpisodeRecorder, recordEpisodes } from "./record.ts";
export { loadEpisodes, loadReplay, type ReplayOptions } from "./replay.ts";
export { splitEpisodes } from "./split.ts";
export { episodeStatistics } from "./statistics.ts";
export { statisticsFromJson, statisticsToJson } from "./statistics-json.ts";
export { type Validation, validateEpisodes } from "./validate.ts";
export { type WindowBatch, type WindowOptions, type Windows, windows } from "./windows.ts";
export { writeEpisodes } from "./write.ts";
