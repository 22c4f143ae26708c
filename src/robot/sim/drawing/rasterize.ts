import { type NdArray, ndarray } from "../../../engine/array/index.ts";
import { AdvectError } from "../../../engine/error.ts";
import { type Canvas, canvas, fillDisc, fillPolygon, strokeLine } from "./canvas.ts";
import { resize } from "./resize.ts";
import type { Mark, Point, Rgb, Scene } from "./scene.ts";

export interface RasterizeOptions {
  /** Pixels; those of the scene unless given. */
  readonly width?: number;
  readonly height?: number;
}

/**
 * The scene as an image, uint8 [height, width, 3]: drawn with a pixel a unit, every corner at a whole pixel, then
 * resized. Throws "option" unless width and height are integers from 1 to 8192.
 */
export function rasterize(
  scene: Scene,
  { width = scene.width, height = scene.height }: RasterizeOptions = {},
): NdArray<"uint8"> {
  for (const length of [width, height]) {
    if (Number.isInteger(length) && length >= 1 && length <= 8192) continue;
    throw new AdvectError("option", "rasterize", {
      expected: "a width and a height from 1 to 8192",
      got: `${width} x ${height}`,
    });
  }
  const drawn = canvas(scene);
  for (const mark of scene.marks) draw(drawn, mark);
  return ndarray(resize(drawn, { width, height }).data, [height, width, 3]);
}

function draw(target: Canvas, mark: Mark): void {
  if (mark.kind === "polygon") fillPolygon(target, mark.points.flatMap(pixel), mark.color);
  else if (mark.kind === "line") drawLine(target, mark);
  else drawDisc(target, mark.center, mark.radius, mark.color);
}

function drawDisc(target: Canvas, center: Point, radius: number, color: Rgb): void {
  const [x, y] = pixel(center);
  fillDisc(target, { x: x!, y: y!, radius: Math.round(radius) }, color);
}

/** A bar of `width` across, with round ends. */
function drawLine(target: Canvas, { from, to, width, color }: Extract<Mark, { kind: "line" }>): void {
  const [x1, y1] = pixel(from) as [number, number];
  const [x2, y2] = pixel(to) as [number, number];
  const across = Math.abs(y2 - y1);
  const along = Math.abs(x2 - x1);
  strokeLine(target, { x1, y1, x2, y2, width: 2 * Math.max(1, Math.round(width / 2)) }, color);
  const length = Math.sqrt(across * across + along * along);
  if (length > 0) {
    const dx = roundHalfEven((across * width) / 2 / length);
    const dy = roundHalfEven((along * width) / 2 / length);
    fillPolygon(target, [x1 - dx, y1 - dy, x1 + dx, y1 + dy, x2 + dx, y2 + dy, x2 - dx, y2 - dy], color);
  }
  for (const end of [from, to]) drawDisc(target, end, width / 2, color);
}

const pixel = ([x, y]: Point): number[] => [roundHalfEven(x), roundHalfEven(y)];

/** To the nearest integer, halves to the even one. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
