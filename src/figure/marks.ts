import type { Frame, Mark } from "./figure.ts";
import type { Axis } from "./scale.ts";
import { escapeXml, px, textWidth } from "./text.ts";
import { type Color, colorOf, type Palette } from "./theme.ts";

export interface Points {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** A colour of the theme, or one made of them. */
export type Paint = Color | ((palette: Palette) => string);

interface Stroke {
  readonly color: Paint;
  readonly width?: number;
  readonly opacity?: number;
  /** Lengths of dashes and gaps: "4 3". */
  readonly dashes?: string;
}

/** A dot for every point. */
export function dots(points: Points, { width = 2.6, opacity = 0.75, ...stroke }: Stroke): Mark {
  return (frame) => {
    let path = "";
    for (let i = 0; i < points.x.length; i++) path += `M${place(frame, points, i)}h0`;
    return stroked(frame, path, { ...stroke, width, opacity });
  };
}

/** A line through the points of each list; a point that is not finite interrupts it. */
export function lines(lists: readonly Points[], stroke: Stroke): Mark {
  return (frame) => stroked(frame, lists.map((list) => polyline(frame, list)).join(""), stroke);
}

function polyline(frame: Frame, points: Points): string {
  let path = "";
  let pen = "M";
  for (let i = 0; i < points.x.length; i++) {
    const drawn = Number.isFinite(points.x[i]) && Number.isFinite(points.y[i]);
    if (drawn) path += pen + place(frame, points, i);
    pen = drawn ? "L" : "M";
  }
  return path;
}

export interface Arrows extends Points {
  readonly dx: ArrayLike<number>;
  readonly dy: ArrayLike<number>;
}

/** Arrows from (x, y) to (x + dx, y + dy); their heads grow with them. */
export function arrows({ x, y, dx, dy }: Arrows, stroke: Stroke): Mark {
  return (frame) => {
    let path = "";
    for (let i = 0; i < x.length; i++) {
      const [left, top] = frame.at(x[i]!, y[i]!);
      const [right, bottom] = frame.at(x[i]! + dx[i]!, y[i]! + dy[i]!);
      const [across, down] = [0.36 * (right - left), 0.36 * (bottom - top)];
      const barb = (side: number) => pair(right - across - side * down, bottom - down + side * across);
      path += `M${pair(left, top)}L${pair(right, bottom)}M${barb(0.6)}L${pair(right, bottom)}L${barb(-0.6)}`;
    }
    return stroked(frame, path, stroke);
  };
}

/** Markers that differ in shape as well as in colour; more than there are begin again. */
export function markers(points: Points, { color, shape }: { color: Color; shape: number }): Mark {
  return (frame) => {
    let path = "";
    for (let i = 0; i < points.x.length; i++) {
      path += `M${place(frame, points, i)}${outlines[shape % outlines.length]}`;
    }
    const fill = colorOf(color, frame.palette);
    return path && `<path d="${path}" fill="${fill}" stroke="${frame.palette.panel}" stroke-width="1"/>`;
  };
}

/** From the centre of a marker, around it, and back. */
export const outlines: readonly string[] = [
  "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
  "m-3.6 -3.6h7.2v7.2h-7.2z",
  "m0 -4.8l4.6 8h-9.2z",
  "m0 -5l5 5l-5 5l-5 -5z",
  "m0 4.8l4.6 -8h-9.2z",
  "m-1.5 -4.5h3v3h3v3h-3v3h-3v-3h-3v-3h3z",
  "m-4.6 0l2.3 -4h4.6l2.3 4l-2.3 4h-4.6z",
];

export interface Intervals {
  readonly x: ArrayLike<number>;
  readonly low: ArrayLike<number>;
  readonly high: ArrayLike<number>;
}

/** A bar with caps from low to high; one that reaches out of the panel has no cap there. */
export function errorBars({ x, low, high }: Intervals, stroke: Stroke): Mark {
  return (frame) => {
    let path = "";
    for (let i = 0; i < x.length; i++) {
      const [left, bottom] = frame.at(x[i]!, low[i]!);
      const top = frame.at(x[i]!, high[i]!)[1];
      const end = Number.isFinite(bottom) ? bottom : 2 * frame.height;
      path += `M${pair(left - 3, top)}h6M${pair(left, top)}L${pair(left, end)}M${pair(left - 3, end)}h6`;
    }
    return stroked(frame, path, stroke);
  };
}

/** A dashed line across the panel at a height, with its name below the left end, where curves that fall to it are not. */
export function level({ y, name }: { readonly y: number; readonly name: string }): Mark {
  return (frame) => {
    const top = frame.at(0.5, y)[1];
    const color = frame.palette.muted;
    const text = `<text x="6" y="${px(top + 15)}" font-size="11" fill="${color}"${halo(frame.palette)}>${escapeXml(name)}</text>`;
    const line = `M0 ${px(top)}H${px(frame.width)}`;
    return stroked(frame, line, { color: "muted", width: 1.2, dashes: "5 4" }) + text;
  };
}

/** A picture that fills the range of both axes given. */
export function image(area: { x: Axis; y: Axis; href: (palette: Palette) => string }): Mark {
  return (frame) => {
    const [left, top] = frame.at(area.x.low, area.y.high);
    const [right, bottom] = frame.at(area.x.high, area.y.low);
    const box = `x="${px(left)}" y="${px(top)}" width="${px(right - left)}" height="${px(bottom - top)}"`;
    return `<image ${box} preserveAspectRatio="none" href="${area.href(frame.palette)}"/>`;
  };
}

/** A line of text in the middle of the panel, such as "no data". */
export function message(text: string): Mark {
  return ({ width, height, palette }) => {
    const size = Math.min(13, (13 * width) / (textWidth(text, 13) + 12));
    return `<text x="${px(width / 2)}" y="${px(height / 2 + 4)}" text-anchor="middle" font-size="${px(size)}" fill="${palette.muted}"${halo(palette)}>${escapeXml(text)}</text>`;
  };
}

/** Keeps text readable on lines. */
function halo({ panel }: Palette): string {
  return ` stroke="${panel}" stroke-width="4" stroke-linejoin="round" paint-order="stroke"`;
}

function stroked(frame: Frame, path: string, { color, width = 1.5, opacity = 1, dashes }: Stroke): string {
  if (path === "") return "";
  const paint = typeof color === "function" ? color(frame.palette) : colorOf(color, frame.palette);
  const faint = opacity === 1 ? "" : ` stroke-opacity="${px(opacity)}"`;
  const dashed = dashes === undefined ? "" : ` stroke-dasharray="${dashes}"`;
  return `<path d="${path}" stroke="${paint}" stroke-width="${px(width)}"${faint}${dashed} stroke-linecap="round" stroke-linejoin="round" fill="none"/>`;
}

function place(frame: Frame, { x, y }: Points, i: number): string {
  const [left, top] = frame.at(x[i]!, y[i]!);
  return pair(left, top);
}

/** A tenth of a pixel is enough, and keeps files with many points small. */
function pair(left: number, top: number): string {
  return `${px(Math.round(left * 10) / 10)} ${px(Math.round(top * 10) / 10)}`;
}
