import type { NdArray } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import { pngBytes } from "./png.ts";

/** An image, uint8 [height, width, 3], as a PNG, on every platform. Throws "shape". */
export function imagePng({ shape, dtype, data }: NdArray): Uint8Array<ArrayBuffer> {
  const [height, width, channels] = shape;
  if (dtype !== "uint8" || shape.length !== 3 || channels !== 3 || !height || !width) {
    throw new AdvectError("shape", "imagePng", {
      expected: "uint8 [height, width, 3], of at least one pixel",
      got: `${dtype} [${shape}]`,
    });
  }
  const rgba = new Uint8Array(4 * width * height).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    rgba.set(data.subarray(3 * pixel, 3 * pixel + 3) as Uint8Array, 4 * pixel);
  }
  return pngBytes({ width, height, rgba });
}
