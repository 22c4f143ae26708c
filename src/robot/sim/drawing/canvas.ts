import type { Rgb } from "./scene.ts";

/** Pixels in rows from the top, red, green and blue in turn. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export function canvas({ width, height, background }: Omit<Canvas, "data"> & { background: Rgb }): Canvas {
  const data = new Uint8Array(3 * width * height);
  const result = { width, height, data };
  for (let y = 0; y < height; y++) fillRun(result, { y, from: 0, to: width - 1 }, background);
  return result;
}

/** Pixels `from` to `to` of row y, both included, in any order. */
interface Run {
  readonly y: number;
  readonly from: number;
  readonly to: number;
}

function fillRun({ width, height, data }: Canvas, { y, from, to }: Run, [red, green, blue]: Rgb): void {
  if (y < 0 || y >= height) return;
  const first = Math.max(0, Math.min(from, to));
  const last = Math.min(width - 1, Math.max(from, to));
  for (let at = 3 * (y * width + first); at <= 3 * (y * width + last); at += 3) {
    data[at] = red;
    data[at + 1] = green;
    data[at + 2] = blue;
  }
}

/**
 * Fills a polygon with integer corners (x and y in turn), its outline included. Edges cross a row at a whole pixel,
 * rounded towards zero from their upper end, as SDL-based libraries do.
 */
export function fillPolygon(canvas: Canvas, corners: readonly number[], color: Rgb): void {
  const ys = corners.filter((_, k) => k % 2 === 1);
  const top = Math.min(...ys);
  const bottom = Math.max(...ys);
  for (let y = top; y <= bottom; y++) {
    const crossings = crossingsOf(corners, { y, bottom });
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      fillRun(canvas, { y, from: crossings[i]!, to: crossings[i + 1]! }, color);
    }
  }
  for (let k = 0; k < corners.length; k += 2) {
    const next = (k + 2) % corners.length;
    if (corners[k + 1] !== corners[next + 1]) continue;
    fillRun(canvas, { y: corners[k + 1]!, from: corners[k]!, to: corners[next]! }, color);
  }
}

/** Where edges cross row y, ascending; an edge's lower end counts only in the last row. */
function crossingsOf(corners: readonly number[], { y, bottom }: { y: number; bottom: number }): number[] {
  const found: number[] = [];
  for (let k = 0; k < corners.length; k += 2) {
    const next = (k + 2) % corners.length;
    const isDown = corners[k + 1]! < corners[next + 1]!;
    const [upper, lower] = isDown ? [k, next] : [next, k];
    const y1 = corners[upper + 1]!;
    const y2 = corners[lower + 1]!;
    if (y1 === y2 || y < y1 || (y >= y2 && !(y === bottom && y2 === bottom))) continue;
    const x1 = corners[upper]!;
    found.push(Math.trunc(((y - y1) * (corners[lower]! - x1)) / (y2 - y1)) + x1);
  }
  return found.sort((a, b) => a - b);
}

/** Fills a disc of integer centre and radius, by Bresenham's circle; it is 2 radius pixels wide. */
export function fillDisc(
  canvas: Canvas,
  { x: x0, y: y0, radius }: { readonly x: number; readonly y: number; readonly radius: number },
  color: Rgb,
): void {
  let f = 1 - radius;
  let x = 0;
  let y = radius;
  while (x < y) {
    if (f >= 0) {
      y--;
      f -= 2 * y;
    }
    x++;
    f += 2 * x + 1;
    if (f >= 0) {
      fillRun(canvas, { y: y0 + y - 1, from: x0 - x, to: x0 + x - 1 }, color);
      fillRun(canvas, { y: y0 - y, from: x0 - x, to: x0 + x - 1 }, color);
    }
    fillRun(canvas, { y: y0 + x - 1, from: x0 - y, to: x0 + y - 1 }, color);
    fillRun(canvas, { y: y0 - x, from: x0 - y, to: x0 + y - 1 }, color);
  }
}

/** Integer ends and an even width in pixels. */
export interface Stroke {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly width: number;
}

/** Bresenham's line with a run of `width` pixels at every step, across the longer axis; half of it and one less before. */
export function strokeLine(canvas: Canvas, { x1, y1, x2, y2, width }: Stroke, color: Rgb): void {
  const dx = Math.abs(x2 - x1);
  const dy = Math.abs(y2 - y1);
  const stepX = x1 < x2 ? 1 : -1;
  const stepY = y1 < y2 ? 1 : -1;
  const isSteep = dx <= dy;
  const before = width / 2 - 1;
  const after = width / 2;
  let x = x1;
  let y = y1;
  let error = Math.trunc((dx > dy ? dx : -dy) / 2);
  while (isSteep ? y !== y2 + stepY : x !== x2 + stepX) {
    if (isSteep) fillRun(canvas, { y, from: x - before, to: x + after }, color);
    else for (let k = -before; k <= after; k++) fillRun(canvas, { y: y + k, from: x, to: x }, color);
    const at = error;
    if (at > -dx) {
      error -= dy;
      x += stepX;
    }
    if (at < dy) {
      error += dx;
      y += stepY;
    }
  }
}
