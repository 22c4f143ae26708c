import type { Figure, Frame, LegendEntry } from "./figure.ts";
import { layout, margin, type Placed, text, ticksWidth, wrapped } from "./layout.ts";
import { outlines } from "./marks.ts";
import { type Scale, scale } from "./scale.ts";
import { escapeXml, px, textWidth } from "./text.ts";
import { colorOf, heatColor, type Palette, palettes, type Theme } from "./theme.ts";
import { type Tick, tickSize, tickWidth } from "./ticks.ts";

/** Names of common fonts besides the generic one: renderers without a browser do not know what stands for it. */
const fonts = "Helvetica Neue, Arial, Liberation Sans, DejaVu Sans, Noto Sans, sans-serif";

/**
 * A figure, or several below each other, as a file or an element of a page; it scales down to its place.
 * The same figure gives the same bytes.
 */
export function figureToSvg(
  figures: Figure | readonly Figure[],
  { theme = "light" }: { readonly theme?: Theme } = {},
): string {
  const list: readonly Figure[] = "panels" in figures ? [figures] : figures;
  const palette = palettes[theme];
  const blocks = list.map((figure) => block(figure, palette));
  const width = Math.ceil(Math.max(0, ...blocks.map((item) => item.width)) + 2 * margin);
  const height = Math.ceil(blocks.reduce((sum, item) => sum + item.height + margin, margin));
  const description = escapeXml(list.map((figure) => figure.description).join(" "));
  let top = margin;
  const parts = blocks.map((item) => {
    const moved = shifted(margin, top, item.elements);
    top += item.height + margin;
    return moved;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" style="max-width:100%;height:auto" role="img" aria-label="${description}" font-family="${fonts}">`,
    `<title>${description}</title>`,
    `<rect width="${width}" height="${height}" fill="${palette.background}"/>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

interface Block {
  readonly width: number;
  readonly height: number;
  readonly elements: string;
}

/** Title, legend, panels with a colour bar beside them, notes: from top to bottom. */
function block(figure: Figure, palette: Palette): Block {
  const arranged = layout(figure);
  const bar = figure.colorBar && colorBar(figure.colorBar, figure.size, palette);
  const width = Math.max(arranged.width + (bar ? bar.width : 0), 160);
  const first = arranged.placed[0];
  const panels: Block = {
    width,
    height: arranged.height,
    elements: [
      ...arranged.placed.map((placed) => panelElements(placed, figure.size, palette)),
      ...(bar && first ? [shifted(arranged.width + 14, first.top, bar.elements)] : []),
    ].join("\n"),
  };
  return stacked([
    paragraph(figure.title ?? "", { width, size: text.title, color: palette.ink, weight: 600 }),
    legend(figure.legend ?? [], { width, palette }),
    panels,
    paragraph((figure.notes ?? []).join(" "), { width, size: text.small, color: palette.muted, weight: 400 }),
  ]);
}

function stacked(blocks: readonly Block[]): Block {
  const shown = blocks.filter(({ height }) => height > 0);
  let height = 0;
  const elements = shown.map((item) => {
    const moved = shifted(0, height, item.elements);
    height += item.height + 8;
    return moved;
  });
  return {
    width: Math.max(0, ...shown.map(({ width }) => width)),
    height: Math.max(0, height - 8),
    elements: elements.join("\n"),
  };
}

interface Type {
  readonly width: number;
  readonly size: number;
  readonly color: string;
  readonly weight: number;
}

function paragraph(words: string, { width, size, color, weight }: Type): Block {
  const lines = wrapped(words, { size: size * (weight > 400 ? 1.06 : 1), width });
  const step = size + 5;
  const elements = lines.map((line, i) => {
    const bold = weight > 400 ? ` font-weight="${weight}"` : "";
    return `<text y="${i * step + size}" font-size="${size}"${bold} fill="${color}">${escapeXml(line)}</text>`;
  });
  return { width, height: lines.length * step, elements: elements.join("\n") };
}

function legend(
  entries: readonly LegendEntry[],
  { width, palette }: { readonly width: number; readonly palette: Palette },
): Block {
  let [left, line] = [0, 0];
  const elements = entries.map(({ name, color, sign }) => {
    const needed = 26 + textWidth(name, text.panel);
    if (left > 0 && left + needed > width) [left, line] = [0, line + 1];
    const label = `<text x="26" y="4" font-size="${text.panel}" fill="${palette.ink}">${escapeXml(name)}</text>`;
    const moved = shifted(left, line * 20 + 9, signElements(sign, colorOf(color, palette)) + label);
    left += needed + 16;
    return moved;
  });
  return { width, height: entries.length > 0 ? 20 * (line + 1) : 0, elements: elements.join("\n") };
}

function signElements(sign: LegendEntry["sign"], color: string): string {
  if (sign === "dot") return `<circle cx="12" r="4" fill="${color}"/>`;
  const line = `<line x1="1" x2="21" stroke="${color}" stroke-width="2" stroke-linecap="round"/>`;
  if (sign === "line") return line;
  return `${line}<path d="M11 0${outlines[sign % outlines.length]}" fill="${color}"/>`;
}

/** A nested svg element cuts off what is outside, without the names that clip paths need in a page. */
function panelElements(placed: Placed, size: Figure["size"], palette: Palette): string {
  const { panel, x, y, title } = placed;
  const { width, height } = size;
  const frame: Frame = {
    width,
    height,
    at: (a, b) => [x.place(a), height - y.place(b)],
    palette,
  };
  const lines = title.map((line, i) => {
    const above = 7 + (title.length - 1 - i) * text.line;
    return `<text x="${px(width / 2)}" y="${-above}" text-anchor="middle" font-size="${text.panel}" fill="${palette.ink}">${escapeXml(line)}</text>`;
  });
  return shifted(
    placed.left,
    placed.top,
    [
      ...lines,
      `<rect width="${px(width)}" height="${px(height)}" fill="${palette.panel}"/>`,
      gridLines(placed, size, palette),
      `<svg width="${px(width)}" height="${px(height)}" aria-hidden="true">`,
      ...panel.marks.map((mark) => mark(frame)),
      "</svg>",
      placed.numbers.x ? xNumbers(x, size, palette) : "",
      placed.numbers.y ? yNumbers(placed, size, palette) : "",
    ]
      .filter((part) => part !== "")
      .join("\n"),
  );
}

function gridLines({ x, y }: Placed, { width, height }: Figure["size"], palette: Palette): string {
  const lines = [
    ...x.ticks.map(({ value }) => ({ at: px(x.place(value)), isX: true })),
    ...y.ticks.map(({ value }) => ({ at: px(height - y.place(value)), isX: false })),
  ].map(({ at, isX }) =>
    isX
      ? `<line x1="${at}" x2="${at}" y2="${px(height)}"/>`
      : `<line y1="${at}" y2="${at}" x2="${px(width)}"/>`,
  );
  return lines.length > 0 ? `<g stroke="${palette.grid}">${lines.join("")}</g>` : "";
}

function xNumbers(x: Scale, { width, height }: Figure["size"], palette: Palette): string {
  const inside = (tick: Tick) => {
    const half = tickWidth(tick) / 2 - 1; // numbers of panels beside each other must not meet
    return Math.min(Math.max(x.place(tick.value), half), width - half);
  };
  const numbers = x.ticks.map((tick) => number(tick, px(inside(tick)), px(height + 15)));
  const top = height + (x.ticks.length > 0 ? 33 : 14);
  return axisText("middle", palette, [
    ...numbers,
    x.label === undefined ? "" : `<text x="${px(width / 2)}" y="${px(top)}">${escapeXml(x.label)}</text>`,
  ]);
}

function yNumbers({ y, labelOffset }: Placed, { height }: Figure["size"], palette: Palette): string {
  const numbers = y.ticks.map((tick) => number(tick, "-6", px(height - y.place(tick.value) + 4)));
  return axisText("end", palette, [
    ...numbers,
    y.label === undefined ? "" : upright(y.label, { left: -labelOffset, top: height / 2 }),
  ]);
}

function upright(label: string, { left, top }: { readonly left: number; readonly top: number }): string {
  return `<text transform="translate(${px(left)} ${px(top)}) rotate(-90)" text-anchor="middle">${escapeXml(label)}</text>`;
}

function axisText(anchor: string, palette: Palette, parts: readonly string[]): string {
  const shown = parts.filter((part) => part !== "");
  if (shown.length === 0) return "";
  return `<g font-size="${text.small}" fill="${palette.muted}" text-anchor="${anchor}">${shown.join("")}</g>`;
}

function number({ text: digits, power }: Tick, left: string, top: string): string {
  const raised = power === undefined ? "" : `<tspan dy="-4" font-size="${tickSize.power}">${power}</tspan>`;
  return `<text x="${left}" y="${top}">${digits}${raised}</text>`;
}

/** The colours of the heat from bottom to top, with numbers. */
function colorBar(
  { axis, from }: NonNullable<Figure["colorBar"]>,
  { height }: Figure["size"],
  palette: Palette,
): Block {
  const values = scale(axis, { length: height, along: "y" });
  const steps = 64;
  const rects = Array.from({ length: steps }, (_, i) => {
    const color = heatColor(from + ((1 - from) * (steps - 1 - i)) / (steps - 1), palette);
    const top = (i * height) / steps;
    const tall = Math.min(height / steps + 0.5, height - top); // overlapping, so that no seam shows
    return `<rect y="${px(top)}" width="10" height="${px(tall)}" fill="${color}"/>`;
  });
  const numbers = values.ticks.map((tick) => number(tick, "15", px(height - values.place(tick.value) + 4)));
  const wide = 15 + ticksWidth(values.ticks);
  const label = values.label === undefined ? "" : upright(values.label, { left: wide + 14, top: height / 2 });
  return {
    width: 14 + wide + (label ? 20 : 0),
    height,
    elements: rects.join("") + axisText("start", palette, [...numbers, label]),
  };
}

function shifted(left: number, top: number, elements: string): string {
  return `<g transform="translate(${px(left)} ${px(top)})">\n${elements}\n</g>`;
}
