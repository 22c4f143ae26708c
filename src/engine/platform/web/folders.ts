import type { Platform } from "../contract.ts";
import { noFiles } from "./files.ts";

export const writeFolderAtomic: Platform["writeFolderAtomic"] = async (path) => {
  throw noFiles("writeFolderAtomic", path);
};

export const listFolder: Platform["listFolder"] = async (path) => {
  throw noFiles("listFolder", path);
};

export const removePath: Platform["removePath"] = async (path) => {
  throw noFiles("removePath", path);
};
