export type { Episode } from "./episode.ts";
export {
  type EvaluateOptions,
  type EvaluationResult,
  evaluate,
} from "./evaluate.ts";
export { type Latency, type LatencyOptions, measureLatency } from "./latency.ts";
export type { EvaluationProgress } from "./play.ts";
export { type RolloutOptions, rollouts } from "./rollouts.ts";
export { loadSource, type PolicySource } from "./source.ts";
export { type EpisodeSummary, type Evaluation, summarize } from "./summary.ts";
export {
  type Facts,
  type Frame as TaskFrame,
  type Task,
  type TaskName,
  type TaskStep,
  taskOf,
  tasks,
  type World as TaskWorld,
} from "./task.ts";
