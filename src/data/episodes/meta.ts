import { parseJson } from "../../engine/array/json.ts";
import { decodeUtf8 } from "../../engine/array/malformed.ts";
import type { Files } from "../../engine/platform/index.ts";
import type { Episode } from "./episodes.ts";
import type { Info } from "./info.ts";

/** What the folder meta/ says: which episodes there are and where their frames lie. */
export interface Meta {
  readonly tasks: readonly string[];
  readonly episodes: readonly Episode[];
  /** In order; of each the paths to try and which rows of the whole it holds. */
  readonly dataFiles: readonly (readonly string[])[];
}

/** What the readers of both versions need. */
export interface MetaRequest {
  readonly folder: string;
  readonly info: Info;
  readonly files: Files;
}

/** The first of several places where a file may lie. Throws what the first of them threw. */
export async function readFirst(
  candidates: readonly string[],
  files: Files,
): Promise<{ bytes: Uint8Array; path: string }> {
  let first: unknown;
  for (const path of candidates) {
    try {
      return { bytes: await files.readFile(path), path };
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

/** Lines of JSON, empty ones apart. Throws "format", naming the line. */
export function parseJsonLines(bytes: Uint8Array, where: string): unknown[] {
  return decodeUtf8(bytes, where, "text")
    .split("\n")
    .flatMap((line, i) => (line.trim() === "" ? [] : [parseJson(line, where, `line ${i + 1}`)]));
}
