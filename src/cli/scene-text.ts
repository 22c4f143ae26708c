import type { NdArray } from "../engine/array/index.ts";

/** An image, uint8 [height, width, 3], as lines of half blocks in 24-bit colours: two rows of pixels in a line. */
export function imageText({ shape, data }: NdArray): string[] {
  const [height, width] = shape as [number, number];
  const color = (x: number, y: number) =>
    Array.from(data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)).join(";");
  return Array.from({ length: Math.floor(height / 2) }, (_, row) => {
    const cells = Array.from(
      { length: width },
      (_, x) => `\x1b[38;2;${color(x, 2 * row)};48;2;${color(x, 2 * row + 1)}m▀`,
    );
    return `${cells.join("")}\x1b[0m`;
  });
}
