import type { Canvas } from "./canvas.ts";

/**
 * The image in another size, each pixel bilinear between the four nearest to its centre, without averaging over what
 * lies between: cv2.resize's default, weights in steps of 1/2048.
 */
export function resize(image: Canvas, { width, height }: Pick<Canvas, "width" | "height">): Canvas {
  if (width === image.width && height === image.height) return image;
  const across = taps(width, image.width);
  const down = taps(height, image.height);
  const data = new Uint8Array(3 * width * height);
  let at = 0;
  for (let y = 0; y < height; y++) {
    const upper = 3 * image.width * down.low[y]!;
    const lower = 3 * image.width * down.high[y]!;
    const wy = down.weight[y]!;
    for (let x = 0; x < width; x++) {
      const left = 3 * across.low[x]!;
      const right = 3 * across.high[x]!;
      const wx = across.weight[x]!;
      for (let channel = 0; channel < 3; channel++) {
        const above = mix(image.data[upper + left + channel]!, image.data[upper + right + channel]!, wx);
        const below = mix(image.data[lower + left + channel]!, image.data[lower + right + channel]!, wx);
        data[at++] = (scaled(above, one - wy) + scaled(below, wy) + 2) >> 2;
      }
    }
  }
  return { width, height, data };
}

const one = 2048;

const mix = (a: number, b: number, weight: number) => a * (one - weight) + b * weight;

/** The second interpolation, of numbers 2048 times too large; keeps two binary digits to round by. */
const scaled = (value: number, weight: number) => ((value >> 4) * weight) >> 16;

/** For each target pixel its two source pixels and the weight of the second. */
function taps(target: number, source: number) {
  const low = new Int32Array(target);
  const high = new Int32Array(target);
  const weight = new Int32Array(target);
  for (let i = 0; i < target; i++) {
    const place = Math.min(Math.max(((i + 0.5) * source) / target - 0.5, 0), source - 1);
    low[i] = Math.floor(place);
    high[i] = Math.min(low[i]! + 1, source - 1);
    weight[i] = Math.round((place - low[i]!) * one);
  }
  return { low, high, weight };
}
