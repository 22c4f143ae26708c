/** Up to 256 colours, red x 65536 + green x 256 + blue. */
export interface Palette {
  readonly colors: readonly number[];
  /** Of colours that were looked up before; grows. */
  readonly places: Map<number, number>;
}

const most = 256;

/** The colours of images of red, green and blue in turn: all of them, or those that cover most. */
export function paletteOf(images: readonly Uint8Array[]): Palette {
  const counts = new Map<number, number>();
  const count = (color: number, pixels: number) => counts.set(color, (counts.get(color) ?? 0) + pixels);
  for (const image of images) {
    let [color, run] = [colorAt(image, 0), 0];
    for (let at = 0; at < image.length; at += 3) {
      const next = colorAt(image, at);
      if (next !== color) {
        count(color, run);
        [color, run] = [next, 0];
      }
      run++;
    }
    count(color, run);
  }
  const colors = [...counts].sort(([a, m], [b, n]) => n - m || a - b).map(([color]) => color);
  const kept = colors.slice(0, most);
  return { colors: kept, places: new Map(kept.map((color, place) => [color, place])) };
}

/** The place in the palette of every pixel's colour, or of the nearest one. */
export function indexed(image: Uint8Array, palette: Palette): Uint8Array {
  const result = new Uint8Array(image.length / 3);
  let color = -1;
  let place = 0;
  for (let i = 0; i < result.length; i++) {
    const next = colorAt(image, 3 * i);
    if (next !== color) {
      color = next;
      place = placeOf(color, palette);
    }
    result[i] = place;
  }
  return result;
}

function placeOf(color: number, { colors, places }: Palette): number {
  const known = places.get(color);
  if (known !== undefined) return known;
  const place = nearest(color, colors);
  places.set(color, place);
  return place;
}

const colorAt = (image: Uint8Array, at: number) =>
  (image[at]! << 16) | (image[at + 1]! << 8) | image[at + 2]!;

function nearest(color: number, colors: readonly number[]): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  colors.forEach((other, place) => {
    const far =
      ((color >> 16) - (other >> 16)) ** 2 +
      (((color >> 8) & 255) - ((other >> 8) & 255)) ** 2 +
      ((color & 255) - (other & 255)) ** 2;
    if (far < least) [best, least] = [place, far];
  });
  return best;
}
