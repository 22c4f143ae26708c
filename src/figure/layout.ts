import type { Figure, Panel } from "./figure.ts";
import { type Axis, type Scale, scale } from "./scale.ts";
import { textWidth } from "./text.ts";
import { type Tick, tickSize, tickWidth } from "./ticks.ts";

/** Sizes of text, in pixels, and what a line of it takes. */
export const text = { title: 15, panel: 12, small: tickSize.text, line: 16 } as const;
export const margin = 16;
const gap = 14;

/** A panel with its place in the figure, and which of its axes are written out. */
export interface Placed {
  readonly panel: Panel;
  readonly left: number;
  readonly top: number;
  readonly x: Scale;
  readonly y: Scale;
  /** Lines of the title, the last one right above the panel. */
  readonly title: readonly string[];
  readonly numbers: { readonly x: boolean; readonly y: boolean };
  /** From the panel to the axis label's middle. */
  readonly labelOffset: number;
}

export interface Layout {
  readonly placed: readonly Placed[];
  readonly width: number;
  readonly height: number;
}

/** Places the panels in rows, as close as their titles and the numbers on their axes allow. */
export function layout({ panels, size, columns = panels.length }: Figure): Layout {
  const perRow = Math.max(1, Math.min(columns, panels.length));
  const rows = Math.ceil(panels.length / perRow);
  const shared = panels.every(({ x, y }) => sameAxis(x, panels[0]!.x) && sameAxis(y, panels[0]!.y));
  const scales = panels.map(({ x, y }) => ({
    x: scale(x, { length: size.width, along: "x" }),
    y: scale(y, { length: size.height, along: "y" }),
  }));
  const titles = panels.map(({ title }) => wrapped(title ?? "", { size: text.panel, width: size.width }));
  const heading = text.line * Math.max(0, ...titles.map(({ length }) => length));
  const numbersWidth = Math.max(0, ...scales.map(({ y }) => ticksWidth(y.ticks)));
  const gutter = Math.max(...scales.map(({ y }) => yGutter(y, numbersWidth)), 0);
  const footer = Math.max(...scales.map(({ x }) => xFooter(x)), 0);

  const stepX = size.width + (shared ? gap : gutter + gap);
  const stepY = heading + size.height + gap + (shared ? 0 : footer);
  const placed = panels.map((panel, i): Placed => {
    const [row, column] = [Math.floor(i / perRow), i % perRow];
    const lowest = i + perRow >= panels.length;
    return {
      panel,
      left: gutter + column * stepX,
      top: heading + row * stepY,
      ...scales[i]!,
      title: titles[i]!,
      numbers: { x: !shared || lowest, y: !shared || column === 0 },
      labelOffset: numbersWidth + 16,
    };
  });
  const overhang = shared && panels.length % perRow !== 0 ? 0 : footer;
  return {
    placed,
    width: gutter + perRow * stepX - (stepX - size.width),
    height: rows * stepY - gap + (shared ? Math.max(overhang, footer) : 0),
  };
}

function yGutter({ ticks, label }: Scale, numbersWidth: number): number {
  return (ticks.length > 0 ? numbersWidth + 7 : 0) + (label ? 20 : 0);
}

function xFooter({ ticks, label }: Scale): number {
  return (ticks.length > 0 ? 19 : 0) + (label ? 18 : 0);
}

function sameAxis(a: Axis, b: Axis): boolean {
  const same = a.kind === b.kind && a.low === b.low && a.high === b.high && a.label === b.label;
  return same && String(a.ticks) === String(b.ticks);
}

export function ticksWidth(ticks: readonly Tick[]): number {
  return Math.max(0, ...ticks.map(tickWidth));
}

/** Lines of words that fit in a width; a word that is too long for a line is cut short. */
export function wrapped(words: string, room: { readonly size: number; readonly width: number }): string[] {
  const lines: string[] = [];
  for (const word of words.split(/\s+/).filter((part) => part !== "")) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && textWidth(longer, room.size) <= room.width) lines[lines.length - 1] = longer;
    else lines.push(shortened(word, room));
  }
  return lines;
}

function shortened(word: string, { size, width }: { readonly size: number; readonly width: number }): string {
  if (textWidth(word, size) <= width) return word;
  const characters = Array.from(word);
  while (characters.length > 1 && textWidth(`${characters.join("")}…`, size) > width) characters.pop();
  return `${characters.join("")}…`;
}
