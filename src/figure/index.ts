export { type CrossingsOptions, crossingsFigure, type Pairs } from "./crossings-figure.ts";
export { type Curve, type CurvesOptions, type CurvesPanel, curvesFigure } from "./curves-figure.ts";
export {
  type DensityOfPoints,
  type DensityOptions,
  type DensityValues,
  densityFigure,
} from "./density-figure.ts";
export { type Field, type FieldOptions, fieldFigure, gridPoints } from "./field-figure.ts";
export type { Figure, FigureOptions, Frame, LegendEntry, Mark, Panel } from "./figure.ts";
export { type GifOptions, gifBytes } from "./gif.ts";
export {
  type Histogram,
  type HistogramOptions,
  type HistogramPanel,
  histogramFigure,
} from "./histogram-figure.ts";
export { type ImageGridOptions, imageGrid } from "./image-grid.ts";
export { imagePng } from "./image-png.ts";
export { type LossOptions, type LossRun, lossFigure } from "./loss-figure.ts";
export type { Window } from "./points.ts";
export { type QualityCurve, type QualityOptions, qualityFigure } from "./quality-figure.ts";
export { type Samples, type SamplesOptions, samplesFigure } from "./samples-figure.ts";
export { type Axis, axisOver } from "./scale.ts";
export { figureToSvg } from "./svg.ts";
export type { Color, Palette, Theme } from "./theme.ts";
export { figureToPng, type PngOptions } from "./to-png.ts";
export { type Trajectories, type TrajectoriesOptions, trajectoriesFigure } from "./trajectories-figure.ts";
