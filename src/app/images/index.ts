export {
  type DistanceSummary,
  evaluateImages,
  type ImageEvaluation,
  type ImageReport,
  type Labelled,
} from "./evaluate.ts";
export { type GuidedImages, guidanceFigure } from "./guidance-figure.ts";
export { type Nearest, nearestRows } from "./nearest.ts";
export { guidanceFigures, reportImages } from "./report.ts";
export { asImages, type RealImages, realImages } from "./sides.ts";
export { imageSummary } from "./summary.ts";
