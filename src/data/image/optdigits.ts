import { ndarray } from "../../engine/array/index.ts";
import { malformed } from "../../engine/array/malformed.ts";
import { readFile } from "../../engine/platform/index.ts";
import { parseCsv } from "../file/csv.ts";
import { checkRange, type LabelledImages } from "./images.ts";

/**
 * Handwritten digits of 8 x 8 pixels [alpaydin1998]: csv, plain or gzipped, 64 pixels from 0 to 16 and a label a line;
 * to images [count, 1, 8, 8]. Throws "format", naming `where`.
 */
export function parseOptdigits(bytes: Uint8Array, where = "parseOptdigits"): LabelledImages {
  const { values } = parseCsv(bytes, where);
  const [count, columns] = values.shape as [number, number];
  if (columns !== 65) throw malformed(where, "columns", { expected: "64 pixels and a label", got: columns });
  const fraction = values.data.findIndex((value) => !Number.isInteger(value));
  if (fraction !== -1) {
    throw malformed(where, `value ${fraction}`, { expected: "integers", got: values.data[fraction] });
  }
  const pixels = values.data.filter((_, i) => i % 65 < 64);
  const labels = values.data.filter((_, i) => i % 65 === 64);
  checkRange(where, { field: "pixel", values: pixels, largest: 16 });
  checkRange(where, { field: "label", values: labels, largest: 9 });
  return {
    images: ndarray(Uint8Array.from(pixels), [count, 1, 8, 8], "uint8"),
    labels: ndarray(Int32Array.from(labels), [count], "int32"),
    maximum: 16,
    classes: 10,
  };
}

/** The two parts of a folder like datasets/optdigits, or below a URL in browsers: 3823 and 1797 images. Throws "io" as well. */
export async function loadOptdigits(
  folder: string,
): Promise<{ train: LabelledImages; test: LabelledImages }> {
  const [train, test] = await Promise.all(
    ["tra", "tes"].map(async (part) => {
      const path = `${folder}/optdigits.${part}.gz`;
      return parseOptdigits(await readFile(path), path);
    }),
  );
  return { train: train!, test: test! };
}
