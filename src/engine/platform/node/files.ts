import { randomUUID } from "node:crypto";
import {
  appendFile,
  type FileHandle,
  mkdir,
  open,
  readFile as readFromDisk,
  rename,
  rm,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ioError, type Platform } from "../contract.ts";

export const readFile: Platform["readFile"] = async (path) => {
  try {
    const { buffer, byteOffset, length } = await readFromDisk(path);
    return new Uint8Array(buffer, byteOffset, length);
  } catch (error) {
    throw ioError("readFile", path, error);
  }
};

/** Temporary name in the same folder (a rename across devices would copy), fsync, rename, fsync of the folder. */
export const writeFileAtomic: Platform["writeFileAtomic"] = async (path, bytes) => {
  const temporary = temporaryName(path);
  try {
    await writeSynced(temporary, bytes);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // the first error is the one to report
    throw ioError("writeFileAtomic", path, error);
  }
};

export const appendLine: Platform["appendLine"] = async (path, line) => {
  try {
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, `${line}\n`);
  } catch (error) {
    throw ioError("appendLine", path, error);
  }
};

/** A hidden name beside `path` that nobody else uses. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
}

/** A new file whose bytes are on the disk when this returns. */
export async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  await withFile(path, "wx", async (file) => {
    await file.writeFile(bytes);
    await file.sync();
  });
}

/** Makes the rename survive a power cut; Windows cannot open folders, and its journal makes this needless. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform !== "win32") await withFile(path, "r", (folder) => folder.sync());
}

async function withFile(
  path: string,
  flags: string,
  use: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}
