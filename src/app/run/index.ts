export { isRun, recipeOfRun } from "./folder.ts";
export { type LoadedRun, type LoadRequest, loadRun } from "./load.ts";
export { type ReportRequest, type RunReport, reportRun, samplesBytes } from "./report.ts";
export { type RunSamples, type RunSampling, sampleRun } from "./sample.ts";
export { type TrainRequest, type TrainResult, trainRecipe } from "./train.ts";
