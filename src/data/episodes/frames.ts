import { type DType, type NdArray, ndarray } from "../../engine/array/index.ts";
import { malformed } from "../../engine/array/malformed.ts";
import { columnArray, isNumeric } from "./column.ts";
import type { Episodes, Feature } from "./episodes.ts";
import type { ParquetTable } from "./parquet.ts";

/** What the frames of one or several data files hold. */
export type Frames = Pick<Episodes, "columns" | "texts" | "images"> & { readonly rows: number };

/** The columns of a data file that `features` describe; videos have none. Throws "format" for a missing one. */
export async function readFrames(
  table: ParquetTable,
  { features, where }: { readonly features: Episodes["features"]; readonly where: string },
): Promise<Frames> {
  const columns: Record<string, NdArray<DType>> = {};
  const texts: Record<string, string[]> = {};
  const images: Record<string, Uint8Array[]> = {};
  for (const [name, feature] of Object.entries(features)) {
    if (feature.dtype === "video") continue;
    if (!table.names.includes(name)) {
      throw malformed(where, `column ${name}`, { expected: "one, as info.json says", got: "none" });
    }
    const values = await table.column(name);
    const at = `${where}, column ${name}`;
    if (feature.dtype === "image") images[name] = values.map((value, row) => imageBytes(value, row, at));
    else if (isText(feature)) texts[name] = values.map((value, row) => textOf(value, row, at));
    else columns[name] = columnArray(values, { feature, where: at });
  }
  return { columns, texts, images, rows: table.rows };
}

const isText = (feature: Feature) => !isNumeric(feature) && ["string", "language"].includes(feature.dtype);

/** { bytes, path }, as Hugging Face's datasets stores pictures. */
function imageBytes(value: unknown, row: number, where: string): Uint8Array {
  const bytes = (value as { bytes?: unknown } | null)?.bytes;
  if (bytes instanceof Uint8Array && bytes.length > 0) return bytes;
  throw malformed(where, `row ${row}`, { expected: "a picture's bytes", got: "none" });
}

function textOf(value: unknown, row: number, where: string): string {
  if (typeof value === "string") return value;
  throw malformed(where, `row ${row}`, { expected: "a string", got: typeof value });
}

/** Frames of files one after another. All have the columns of the same features. */
export function joinFrames(parts: readonly Frames[], features: Episodes["features"]): Frames {
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  const joined = <T>(of: (part: Frames) => Readonly<Record<string, readonly T[]>>, key: string) =>
    parts.flatMap((part) => of(part)[key]!);
  const keysOf = (kind: "columns" | "texts" | "images") => Object.keys(only?.[kind] ?? {});
  const record = <T>(keys: readonly string[], fn: (key: string) => T) =>
    Object.fromEntries(keys.map((key) => [key, fn(key)]));
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    columns: record(keysOf("columns"), (key) =>
      joinArrays(
        parts.map(({ columns }) => columns[key]!),
        features[key]!,
      ),
    ),
    texts: record(keysOf("texts"), (key) => joined(({ texts }) => texts, key)),
    images: record(keysOf("images"), (key) => joined(({ images }) => images, key)),
  };
}

function joinArrays(arrays: readonly NdArray<DType>[], { shape }: Feature): NdArray<DType> {
  const [{ data: first, dtype }] = arrays as [NdArray<DType>];
  const length = arrays.reduce((sum, { data }) => sum + data.length, 0);
  const data = new (first.constructor as Float32ArrayConstructor)(length);
  let at = 0;
  for (const array of arrays) {
    data.set(array.data as Float32Array, at);
    at += array.data.length;
  }
  const rows = arrays.reduce((sum, array) => sum + array.shape[0]!, 0);
  return ndarray(data, [rows, ...shape], dtype as "float32");
}
