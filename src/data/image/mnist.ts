import { type DType, type NdArray, ndarray } from "../../engine/array/index.ts";
import { malformed } from "../../engine/array/malformed.ts";
import { readFile } from "../../engine/platform/index.ts";
import { parseIdx } from "./idx.ts";
import { checkRange, type LabelledImages } from "./images.ts";

/** Two files that belong together: as bytes for `parseMnist`, as paths for `loadMnist`. */
export interface MnistFiles<File> {
  readonly images: File;
  readonly labels: File;
}

/**
 * MNIST and what has its format [lecun1998]: idx files of bytes, plain or gzipped, images [count, height, width] and
 * labels [count] from 0 to 9. Throws "format", naming `where` and which of the files.
 */
export function parseMnist(
  { images, labels }: MnistFiles<Uint8Array>,
  where: string | MnistFiles<string> = "parseMnist",
): LabelledImages {
  const name = (file: keyof MnistFiles<string>) =>
    typeof where === "string" ? `${where}, ${file}` : where[file];
  const pixels = bytesOfRank(parseIdx(images, name("images")), 3, name("images"));
  const classes = bytesOfRank(parseIdx(labels, name("labels")), 1, name("labels"));
  const [count, height, width] = pixels.shape as [number, number, number];
  if (classes.data.length !== count) {
    throw malformed(name("labels"), "count", {
      expected: `${count}, as of images`,
      got: classes.data.length,
    });
  }
  checkRange(name("labels"), { field: "label", values: classes.data, largest: 9 });
  return {
    images: ndarray(pixels.data, [count, 1, height, width], "uint8"),
    labels: ndarray(Int32Array.from(classes.data), [count], "int32"),
    maximum: 255,
    classes: 10,
  };
}

function bytesOfRank(array: NdArray<DType>, rank: number, where: string): NdArray<"uint8"> {
  if (array.dtype === "uint8" && array.shape.length === rank) return array as NdArray<"uint8">;
  throw malformed(where, "shape", {
    expected: `bytes with ${rank} axes`,
    got: `${array.dtype} of shape [${array.shape}]`,
  });
}

/** `parseMnist` of files, or of URLs in browsers. Throws "io" as well. */
export async function loadMnist(paths: MnistFiles<string>): Promise<LabelledImages> {
  const [images, labels] = await Promise.all([readFile(paths.images), readFile(paths.labels)]);
  return parseMnist({ images, labels }, paths);
}
