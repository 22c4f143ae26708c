import { fromPixels, type LabelledImages, loadArrays, loadOptdigits } from "../../data/index.ts";
import { asType, type DType, type NdArray, ndarray, takeRows } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { CompleteImages, ImageData } from "../recipe/index.ts";
import type { Data } from "./data.ts";
import { cifar10Parts, type ImageParts, mnistParts } from "./image-files.ts";
import { unitsFrom } from "./units.ts";

/** The images that a recipe learns, in [-1, 1]. Throws "io", "format", "shape" for what the files hold. */
export async function loadImages({ data }: CompleteImages): Promise<Data> {
  const { train, test } = await labelled(data);
  return {
    sizes: { shape: train.images.shape.slice(1), classes: train.classes, conditionSize: 0 },
    units: unitsFrom("none", {}),
    from: { rows: rowsOf(firstOf(train, data.count)) },
    ...(test && { test: rowsOf(test) }),
    maximum: train.maximum,
  };
}

function firstOf(all: LabelledImages, count?: number): LabelledImages {
  if (count === undefined || count >= all.labels.data.length) return all;
  const kept = Int32Array.from({ length: count }, (_, i) => i);
  return { ...all, images: takeRows(all.images, kept), labels: takeRows(all.labels, kept) };
}

const rowsOf = (images: LabelledImages) => ({ x1: fromPixels(images), labels: images.labels });

async function labelled(words: ImageData): Promise<ImageParts> {
  switch (words.kind) {
    case "optdigits":
      return loadOptdigits(words.folder);
    case "mnist":
      return mnistParts(words);
    case "cifar10":
      return cifar10Parts(words.folder);
    case "npz":
      return { train: await fromNpz(words) };
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
