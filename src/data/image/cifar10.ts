import { ndarray, zeros } from "../../engine/array/index.ts";
import { malformed } from "../../engine/array/malformed.ts";
import { readFile } from "../../engine/platform/index.ts";
import { gunzip } from "../file/gunzip.ts";
import { checkRange, type LabelledImages } from "./images.ts";

const pixels = 3 * 32 * 32;
const record = 1 + pixels;

/** Class of each label. */
export const cifar10Names: readonly string[] = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
];

/**
 * The binary version of CIFAR-10 [krizhevsky2009], plain or gzipped: records of one label byte and 3072 bytes, red,
 * green, blue, each row by row; to images [count, 3, 32, 32]. Throws "format", naming `where`.
 */
export function parseCifar10(bytes: Uint8Array, where = "parseCifar10"): LabelledImages {
  const content = gunzip(bytes, where);
  const count = content.length / record;
  if (!Number.isInteger(count) || count === 0) {
    throw malformed(where, "size", {
      expected: `a positive multiple of ${record} bytes`,
      got: content.length,
    });
  }
  const images = zeros([count, 3, 32, 32], "uint8");
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = content[i * record]!;
    images.data.set(content.subarray(i * record + 1, (i + 1) * record), i * pixels);
  }
  checkRange(where, { field: "label", values: labels, largest: 9 });
  return { images, labels: ndarray(labels, [count], "int32"), maximum: 255, classes: 10 };
}

/** `parseCifar10` of files, or of URLs in browsers, one behind the other. Throws "io" as well. */
export async function loadCifar10(paths: readonly string[]): Promise<LabelledImages> {
  const parts = await Promise.all(paths.map(async (path) => parseCifar10(await readFile(path), path)));
  const count = parts.reduce((sum, { labels }) => sum + labels.data.length, 0);
  const images = zeros([count, 3, 32, 32], "uint8");
  const labels = zeros([count], "int32");
  let at = 0;
  for (const part of parts) {
    images.data.set(part.images.data, at * pixels);
    labels.data.set(part.labels.data, at);
    at += part.labels.data.length;
  }
  return { images, labels, maximum: 255, classes: 10 };
}
