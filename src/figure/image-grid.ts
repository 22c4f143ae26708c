import type { NdArray } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import type { Figure, FigureOptions } from "./figure.ts";
import { image, message } from "./marks.ts";
import { dataUri, enlarged, type Pixels } from "./png.ts";
import type { Axis } from "./scale.ts";
import { counted } from "./text.ts";

export interface ImageGridOptions extends Omit<FigureOptions, "columns"> {
  /** [count, height, width] or [count, height, width, channels] with 1 or 3 channels. */
  readonly images: NdArray;
  /** Images in a row: about as many as rows unless given. */
  readonly columns?: number;
  /** What is black and what is white; [0, 1] unless given. Values beyond are clipped. */
  readonly range?: readonly [black: number, white: number];
  /** Stands above the grid. */
  readonly caption?: string;
}

interface Images {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: NdArray["data"];
}

/** Images in rows and columns, as one picture. Throws "shape"; "option" for an empty range or no columns. */
export function imageGrid({
  images,
  columns,
  range = [0, 1],
  caption,
  ...options
}: ImageGridOptions): Figure {
  const all = checked(images);
  const across = columns ?? Math.max(1, Math.ceil(Math.sqrt(all.count)));
  checkOptions(across, range);
  const pixels = tiled(all, { columns: across, range });
  const factor = Math.max(1, Math.round(44 / Math.max(all.width, all.height, 1)));
  const empty = pixels.rgba.length === 0;
  const size = empty
    ? { width: 160, height: 80 }
    : { width: pixels.width * factor, height: pixels.height * factor };
  const [x, y] = [unit, unit];
  const bad = Array.from(all.data).filter((value) => !Number.isFinite(value)).length;
  const href = () => dataUri(enlarged(pixels, factor));
  return {
    ...options,
    description: `${counted(all.count, "image")} of ${all.width} x ${all.height} pixels.`,
    panels: [
      {
        ...(caption === undefined ? {} : { title: caption }),
        x,
        y,
        marks: [empty ? message("no images") : image({ x, y, href })],
      },
    ],
    size,
    notes: bad > 0 ? [`${counted(bad, "value")} not finite: red.`] : [],
  };
}

const unit: Axis = { kind: "linear", low: 0, high: 1, ticks: [] };

function checked({ shape, data }: NdArray): Images {
  const [count, height, width, channels = 1] = shape;
  if ((shape.length === 3 || shape.length === 4) && (channels === 1 || channels === 3)) {
    return { count: count!, height: height!, width: width!, channels, data };
  }
  throw new AdvectError("shape", "imageGrid", {
    expected: "images of shape [count, height, width] or [count, height, width, 1 or 3]",
    got: shape,
    fix: "Channels come last: permuteAxes moves them.",
  });
}

function checkOptions(columns: number, [black, white]: readonly [number, number]): void {
  if (!(Number.isInteger(columns) && columns >= 1)) {
    throw new AdvectError("option", "imageGrid", { expected: "columns of at least 1", got: columns });
  }
  if (Number.isFinite(white - black) && black !== white) return;
  throw new AdvectError("option", "imageGrid", {
    expected: "a range of two different numbers",
    got: [black, white],
  });
}

/** All images with a transparent pixel between them, the first at the top left. */
function tiled(
  { count, height, width, channels, data }: Images,
  { columns, range }: { readonly columns: number; readonly range: readonly [number, number] },
): Pixels {
  const across = Math.min(columns, count);
  const down = across > 0 ? Math.ceil(count / across) : 0;
  const [gridWidth, gridHeight] = [
    Math.max(0, across * (width + 1) - 1),
    Math.max(0, down * (height + 1) - 1),
  ];
  const rgba = new Uint8Array(4 * gridWidth * gridHeight);
  for (let pixel = 0; pixel < count * height * width; pixel++) {
    const [i, within] = [Math.floor(pixel / (height * width)), pixel % (height * width)];
    const top = Math.floor(i / across) * (height + 1) + Math.floor(within / width);
    const left = (i % across) * (width + 1) + (within % width);
    const values = data.subarray(pixel * channels, (pixel + 1) * channels);
    rgba.set(colorOfPixel(values, range), 4 * (top * gridWidth + left));
  }
  return { width: gridWidth, height: gridHeight, rgba };
}

function colorOfPixel(values: NdArray["data"], [black, white]: readonly [number, number]): number[] {
  if (!values.every(Number.isFinite)) return [220, 40, 40, 255];
  const bytes = Array.from(values, (value) =>
    Math.round(255 * Math.min(Math.max((value - black) / (white - black), 0), 1)),
  );
  return bytes.length === 1 ? [bytes[0]!, bytes[0]!, bytes[0]!, 255] : [...bytes, 255];
}
