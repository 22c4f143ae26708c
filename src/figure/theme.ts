import { type Ramp, type Rgb, rampColors, toHex } from "./color.ts";

export type Theme = "light" | "dark";

export interface Palette {
  readonly background: string;
  /** Behind the marks of a panel. */
  readonly panel: string;
  readonly grid: string;
  readonly ink: string;
  readonly muted: string;
  /** Told apart with any colour vision; see `Color`. */
  readonly series: readonly string[];
  /** 256 colours from none to most. */
  readonly heat: readonly Rgb[];
}

/** A series by its number, from 0, or a colour that steps back. */
export type Color = number | "ink" | "muted";

export function colorOf(color: Color, palette: Palette): string {
  return typeof color === "number" ? palette.series[color % palette.series.length]! : palette[color];
}

/** The colour of a level of heat in [0, 1]. */
export function heatColor(level: number, { heat }: Palette): string {
  return toHex(heat[Math.round(255 * level)]!);
}

const paperToInk: Ramp = {
  lightness: [0.98, 0.3],
  hues: [
    [0.003, 130],
    [0.09, 145],
    [0.1, 200],
    [0.12, 250],
    [0.12, 285],
  ],
};

const nightToSun: Ramp = {
  lightness: [0.22, 0.93],
  hues: [
    [0.02, 270],
    [0.13, 285],
    [0.1, 230],
    [0.13, 165],
    [0.16, 105],
  ],
};

export const palettes: { readonly [T in Theme]: Palette } = {
  light: {
    background: "#ffffff",
    panel: "#f6f8fa",
    grid: "#e3e7ec",
    ink: "#1f2328",
    muted: "#6a737d",
    series: ["#087de2", "#e4640f", "#2b652a", "#bf44b1", "#7e9263", "#352b8a", "#6e6d73"],
    heat: rampColors(paperToInk),
  },
  dark: {
    background: "#0d1117",
    panel: "#161b22",
    grid: "#252c35",
    ink: "#e6edf3",
    muted: "#8f99a5",
    series: ["#1dc3fd", "#f28239", "#48b78c", "#ee91ce", "#eadf59", "#8678ed", "#ecf5f8"],
    heat: rampColors(nightToSun),
  },
};
