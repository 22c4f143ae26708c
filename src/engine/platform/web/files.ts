import { AdvectError } from "../../error.ts";
import { ioError, type Platform } from "../contract.ts";

/** Fetches a URL; a relative one is resolved against the page. */
export const readFile: Platform["readFile"] = async (path) => {
  try {
    const response = await fetch(path);
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw ioError("readFile", path, error);
  }
};

export const writeFileAtomic: Platform["writeFileAtomic"] = async (path) => {
  throw noFiles("writeFileAtomic", path);
};

export const appendLine: Platform["appendLine"] = async (path) => {
  throw noFiles("appendLine", path);
};

export function noFiles(where: string, path: string): AdvectError {
  return new AdvectError("unsupported", where, {
    expected: `a platform with files, for ${path}`,
    got: "a browser",
    fix: "Offer the bytes as a download, or keep them in the origin private file system.",
  });
}
