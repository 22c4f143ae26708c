import {
  appendLine,
  type Files,
  listFolder,
  readFile,
  removePath,
  writeFileAtomic,
  writeFolderAtomic,
} from "../../engine/platform/index.ts";

/** The files of this machine; URLs in browsers, to be read. */
export const platformFiles: Files = {
  readFile,
  writeFileAtomic,
  writeFolderAtomic,
  appendLine,
  listFolder,
  removePath,
};
