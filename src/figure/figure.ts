import type { Axis } from "./scale.ts";
import type { Color, Palette } from "./theme.ts";

/** Where a mark is drawn: pixels from the top left of its panel. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Where the point (x, y) of the data is. */
  at(x: number, y: number): readonly [left: number, top: number];
  readonly palette: Palette;
}

/** SVG elements for one thing in a panel; what is outside of the panel is cut off. */
export type Mark = (frame: Frame) => string;

export interface Panel {
  readonly title?: string;
  readonly x: Axis;
  readonly y: Axis;
  /** From back to front. */
  readonly marks: readonly Mark[];
}

export interface LegendEntry {
  readonly name: string;
  readonly color: Color;
  /** What stands for it in the panels: a dot, a line, or a line with the marker of this number. */
  readonly sign: "dot" | "line" | number;
}

/** What to show, as data: `figureToSvg` draws it in a theme. Panels with equal axes share the numbers at the edges. */
export interface Figure {
  /** Stands above the panels. */
  readonly title?: string;
  /** What the picture shows, for who cannot see it. */
  readonly description: string;
  readonly panels: readonly Panel[];
  /** Panels in a row; all in one if absent. */
  readonly columns?: number;
  /** Of each panel, without axes, in pixels. */
  readonly size: { readonly width: number; readonly height: number };
  readonly legend?: readonly LegendEntry[];
  /** What the colours of heat maps and arrows mean, beginning at a part `from` of all that there are. */
  readonly colorBar?: { readonly axis: Axis; readonly from: number };
  /** Small lines below, such as what was left out. */
  readonly notes?: readonly string[];
}

/** What all figures can be told. */
export interface FigureOptions {
  readonly title?: string;
  /** Panels in a row. */
  readonly columns?: number;
}
