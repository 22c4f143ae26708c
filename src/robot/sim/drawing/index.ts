export { type RasterizeOptions, rasterize } from "./rasterize.ts";
export type { Mark, Point, Rgb, Scene } from "./scene.ts";
