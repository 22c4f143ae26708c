export { checkerboard } from "./checkerboard.ts";
export { type CurveOptions, curve } from "./curve.ts";
export { ring, sCurve, spiral, swissRoll, twoMoons } from "./curves.ts";
export type { Distribution, Point } from "./distribution.ts";
export { distributions } from "./distributions.ts";
export { type Component, eightGaussians, gaussianMixture } from "./gaussian-mixture.ts";
export { type LettersOptions, letters } from "./letters.ts";
export { type PinwheelOptions, pinwheel } from "./pinwheel.ts";
