import {
  appendLine,
  type Files,
  listFolder,
  readFile,
  removePath,
  writeFileAtomic,
  writeFolderAtomic,
} from "../engine/platform/index.ts";

export type { Files } from "../engine/platform/index.ts";

/** The files of this machine. */
export const platformFiles: Files = {
  readFile,
  writeFileAtomic,
  writeFolderAtomic,
  appendLine,
  listFolder,
  removePath,
};
