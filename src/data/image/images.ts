import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { malformed } from "../../engine/array/malformed.ts";
import { AdvectError } from "../../engine/error.ts";

/** Images with a class each. */
export interface LabelledImages {
  /** [count, channels, height, width], values 0 … maximum. */
  readonly images: NdArray<"uint8">;
  /** [count], values 0 … classes - 1. */
  readonly labels: NdArray<"int32">;
  readonly maximum: number;
  readonly classes: number;
}

/** x = 2 pixel / maximum - 1, in [-1, 1], for models. Throws "option" unless maximum > 0. */
export function fromPixels({
  images,
  maximum,
}: Pick<LabelledImages, "images" | "maximum">): NdArray<"float32"> {
  checkMaximum("fromPixels", maximum);
  const data = Float32Array.from(images.data, (pixel) => (2 * pixel) / maximum - 1);
  return ndarray(data, images.shape, "float32");
}

/** The inverse, rounded and clipped to 0 … maximum; NaN becomes 0. Throws "option" unless 0 < maximum <= 255. */
export function toPixels(
  x: NdArray,
  { maximum = 255 }: { readonly maximum?: number } = {},
): NdArray<"uint8"> {
  checkMaximum("toPixels", maximum);
  const data = Uint8Array.from(x.data, (value) =>
    Math.min(maximum, Math.max(0, Math.round(((value + 1) / 2) * maximum))),
  );
  return ndarray(data, x.shape, "uint8");
}

function checkMaximum(where: string, maximum: number): void {
  if (Number.isInteger(maximum) && maximum > 0 && maximum <= 255) return;
  throw new AdvectError("option", where, { expected: "an integer maximum from 1 to 255", got: maximum });
}

/** Throws "format" for a value above `largest`, naming the first of them. */
export function checkRange(
  where: string,
  {
    field,
    values,
    largest,
  }: { readonly field: string; readonly values: ArrayLike<number>; readonly largest: number },
): void {
  const at = Array.prototype.findIndex.call(values, (value: number) => !(value >= 0 && value <= largest));
  if (at === -1) return;
  throw malformed(where, `${field} ${at}`, { expected: `0 to ${largest}`, got: values[at] });
}
