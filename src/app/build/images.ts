import {
  fromPixels,
  type LabelledImages,
  loadArrays,
  loadCifar10,
  loadMnist,
  loadOptdigits,
} from "../../data/index.ts";
import { asType, type DType, type NdArray, ndarray, takeRows } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { CompleteImages, ImageData } from "../recipe/index.ts";
import type { Data } from "./data.ts";
import { unitsFrom } from "./units.ts";

/** The images that a recipe learns, in [-1, 1]. Throws "io", "format", "shape" for what the files hold. */
export async function loadImages({ data }: CompleteImages): Promise<Data> {
  const all = await labelled(data);
  const [count] = all.images.shape as [number];
  const kept = Int32Array.from({ length: Math.min(data.count ?? count, count) }, (_, i) => i);
  return {
    sizes: { shape: all.images.shape.slice(1), classes: all.classes, conditionSize: 0 },
    units: unitsFrom("none", {}),
    from: {
      rows: {
        x1: takeRows(fromPixels(all), kept) as NdArray<"float32">,
        labels: takeRows(all.labels, kept) as NdArray<"int32">,
      },
    },
    maximum: all.maximum,
  };
}

async function labelled(words: ImageData): Promise<LabelledImages> {
  switch (words.kind) {
    case "optdigits":
      return (await loadOptdigits(words.folder)).train;
    case "mnist":
      return loadMnist(words);
    case "cifar10":
      return loadCifar10(words.files);
    case "npz":
      return fromNpz(words);
  }
}

async function fromNpz(words: Extract<ImageData, { kind: "npz" }>): Promise<LabelledImages> {
  const { path, images: imagesName = "images", labels: labelsName = "labels" } = words;
  const arrays = await loadArrays(path);
  const images = arrays[imagesName];
  const labels = arrays[labelsName];
  const [count, ...rest] = images?.shape ?? [];
  const fits =
    images?.dtype === "uint8" && (rest.length === 2 || rest.length === 3) && labels?.shape.length === 1;
  if (!fits || labels.shape[0] !== count || !count) {
    throw new AdvectError("shape", path, {
      expected: `${imagesName} of uint8 [count, height, width] or [count, channels, height, width] and ${labelsName} [count]`,
      got: Object.entries(arrays).map(([name, { dtype, shape }]) => `${name} of ${dtype} [${shape}]`),
    });
  }
  return {
    images: ndarray(
      (images as NdArray<"uint8">).data,
      [count, ...(rest.length === 2 ? [1] : []), ...rest],
      "uint8",
    ),
    ...classesOf(path, labels, words.classes),
    maximum: 255,
  };
}

function classesOf(path: string, array: NdArray<DType>, given: number | undefined) {
  const labels = asType(array, "int32");
  const most = labels.data.reduce((a, b) => Math.max(a, b), 0);
  const classes = given ?? most + 1;
  if (most < classes && labels.data.every((label) => label >= 0)) return { labels, classes };
  throw new AdvectError("format", path, { expected: `labels from 0 to ${classes - 1}`, got: most });
}
