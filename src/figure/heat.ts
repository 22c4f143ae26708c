import type { Rgb } from "./color.ts";
import type { Pixels } from "./png.ts";
import type { Histogram } from "./smooth.ts";

/** A heat map from 0 to `high`, the lowest row at the bottom; what is not finite is transparent. */
export function heatPixels(
  { rows, columns, values }: Histogram,
  { heat, high }: { readonly heat: readonly Rgb[]; readonly high: number },
): Pixels {
  const rgba = new Uint8Array(4 * rows * columns);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    const level = Math.round(255 * Math.min(Math.max(values[i]! / high, 0), 1));
    const row = rows - 1 - Math.floor(i / columns);
    rgba.set([...heat[level]!, 255], 4 * (row * columns + (i % columns)));
  }
  return { width: columns, height: rows, rgba };
}
