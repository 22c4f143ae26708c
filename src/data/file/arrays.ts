import { type DType, type NdArray, parseNpy, parseNpz } from "../../engine/array/index.ts";
import { readFile } from "../../engine/platform/index.ts";
import { parseCsv } from "./csv.ts";
import { gunzip } from "./gunzip.ts";

/**
 * The arrays of a file by name, whichever kind it is: npz as they are called there; npy and csv, one called "data".
 * The bytes decide, not the name; any may be gzipped. Throws as `parseNpz`, `parseNpy` and `parseCsv` do, naming `where`.
 */
export function parseArrays(bytes: Uint8Array, where = "parseArrays"): Record<string, NdArray<DType>> {
  const content = gunzip(bytes, where);
  const start = String.fromCharCode(...content.subarray(0, 6));
  if (start.startsWith("PK")) return parseNpz(content, where);
  if (start === "\x93NUMPY") return { data: parseNpy(content, where) };
  return { data: parseCsv(content, where).values };
}

/** `parseArrays` of a file, or of a URL in browsers. Throws "io" as well. */
export async function loadArrays(path: string): Promise<Record<string, NdArray<DType>>> {
  return parseArrays(await readFile(path), path);
}
