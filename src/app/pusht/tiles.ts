import { type NdArray, ndarray } from "../../engine/array/index.ts";

export type Rgb = readonly [red: number, green: number, blue: number];

export interface Tile {
  /** uint8 [size, size, 3]. */
  readonly image: NdArray;
  /** Of the frame around it. */
  readonly color: Rgb;
}

const border = 3;

/** Square images in rows, each in a frame of its colour: uint8 [height, width, 3]. */
export function tiled(tiles: readonly Tile[], { columns }: { readonly columns: number }): NdArray<"uint8"> {
  const size = tiles[0]!.image.shape[0]! + 2 * border;
  const across = Math.min(columns, tiles.length);
  const [height, width] = [size * Math.ceil(tiles.length / across), size * across];
  const data = new Uint8Array(3 * height * width).fill(255);
  tiles.forEach(({ image, color }, i) => {
    const [top, left] = [size * Math.floor(i / across), size * (i % across)];
    for (let y = 0; y < size; y++) {
      const at = 3 * ((top + y) * width + left);
      for (let x = 0; x < size; x++) data.set(color, at + 3 * x);
      if (y < border || y >= size - border) continue;
      const from = 3 * (y - border) * image.shape[1]!;
      data.set(image.data.subarray(from, from + 3 * image.shape[1]!) as Uint8Array, at + 3 * border);
    }
  });
  return ndarray(data, [height, width, 3]);
}
