/** Red, green, blue: integers from 0 to 255. */
export type Rgb = readonly [number, number, number];
type Triple = readonly [number, number, number];

/** Lightness, and two axes of colour, in which equal distances look about equal (Ottosson's Oklab). */
export function toOklab(color: Rgb): Triple {
  const [r, g, b] = color.map((value) => linear(value / 255)) as unknown as Triple;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** The nearest colour that a screen can show. */
export function fromOklab([lightness, a, b]: Triple): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    byte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function linear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function byte(value: number): number {
  const bent = value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.min(Math.max(bent, 0), 1));
}

export function parseHex(hex: string): Rgb {
  const at = (i: number) => Number.parseInt(hex.slice(i, i + 2), 16);
  return [at(1), at(3), at(5)];
}

export function toHex(color: Rgb): string {
  return `#${color.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** The colour a part of the way from one to another, as the eye divides it; part in [0, 1]. */
export function mix(ends: { readonly from: string; readonly to: string }, part: number): string {
  const [from, to] = [toOklab(parseHex(ends.from)), toOklab(parseHex(ends.to))];
  return toHex(fromOklab(from.map((value, i) => value + part * (to[i]! - value)) as unknown as Triple));
}

/** A sequence of colours from 0 to 1: lightness changes evenly, so that equal steps look equal, also without hue. */
export interface Ramp {
  readonly lightness: readonly [from: number, to: number];
  /** Chroma, and hue in degrees, at even places between 0 and 1. */
  readonly hues: readonly (readonly [chroma: number, hueDegrees: number])[];
}

/** The colours of a ramp at 0, 1/255 … 1. */
export function rampColors({ lightness: [from, to], hues }: Ramp): readonly Rgb[] {
  return Array.from({ length: 256 }, (_, i) => {
    const place = (i / 255) * (hues.length - 1);
    const left = Math.min(Math.floor(place), hues.length - 2);
    const between = (k: 0 | 1) => hues[left]![k] + (place - left) * (hues[left + 1]![k] - hues[left]![k]);
    const [chroma, hue] = [between(0), (between(1) * Math.PI) / 180];
    return fromOklab([from + (i / 255) * (to - from), chroma * Math.cos(hue), chroma * Math.sin(hue)]);
  });
}
