import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ioError, type Platform } from "../contract.ts";
import { syncFolder, temporaryName, writeSynced } from "./files.ts";

/** A temporary folder with every file on the disk, then one rename. */
export const writeFolderAtomic: Platform["writeFolderAtomic"] = async (path, files) => {
  const temporary = temporaryName(path);
  try {
    await mkdir(temporary, { recursive: true });
    for (const [name, bytes] of Object.entries(files)) await writeSynced(join(temporary, name), bytes);
    await syncFolder(temporary);
    await moveOver(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {}); // the first error is the one to report
    throw ioError("writeFolderAtomic", path, error);
  }
};

/** No system call replaces a folder that is not empty: the old one steps aside first. */
async function moveOver(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!occupied.includes((error as { code?: string }).code ?? "")) throw error;
    const aside = temporaryName(to);
    await rename(to, aside);
    await rename(from, to).catch(async (cause) => {
      await rename(aside, to);
      throw cause;
    });
    await rm(aside, { recursive: true, force: true });
  }
}

const occupied = ["ENOTEMPTY", "EEXIST", "EPERM"];

export const listFolder: Platform["listFolder"] = async (path) => {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return [];
    throw ioError("listFolder", path, error);
  }
};

export const removePath: Platform["removePath"] = async (path) => {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    throw ioError("removePath", path, error);
  }
};
