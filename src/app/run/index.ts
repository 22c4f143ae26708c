export { type ExportOptions, exportParameters, exportRun } from "./export.ts";
export { isRun, recipeOfRun } from "./folder.ts";
export { type InspectedArray, type Inspection, inspectPath } from "./inspect.ts";
export { type LoadedRun, type LoadRequest, loadRun } from "./load.ts";
export { type PlotRequest, plotRun, type ShownSamples, samplesPicture } from "./plot.ts";
export { dataOf, type ReportRequest, type RunReport, reportRun, samplesBytes } from "./report.ts";
export { type RunSamples, type RunSampling, sampleRun } from "./sample.ts";
export { type TrainRequest, type TrainResult, trainRecipe } from "./train.ts";
