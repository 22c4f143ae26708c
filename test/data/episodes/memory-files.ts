import { platformFiles } from "../../../src/data/episodes/files.ts";
import { AdvectError, type Files } from "../../../src/engine/index.ts";

/** Files that lie in a map from path to bytes, so that tests can damage them quickly. */
export interface MemoryFiles extends Files {
  readonly contents: Map<string, Uint8Array>;
}

export function memoryFiles(contents = new Map<string, Uint8Array>()): MemoryFiles {
  return {
    ...platformFiles,
    contents,
    async readFile(path) {
      const bytes = contents.get(path);
      if (bytes) return bytes;
      throw new AdvectError("io", "readFile", { expected: `to read ${path}`, got: "no such file" });
    },
    async listFolder(path) {
      const below = [...contents.keys()].filter((name) => name.startsWith(`${path}/`));
      return [...new Set(below.map((name) => name.slice(path.length + 1).split("/")[0]!))].toSorted();
    },
    async writeFileAtomic(path, bytes) {
      contents.set(path, bytes);
    },
    async writeFolderAtomic(path, files) {
      for (const [name, bytes] of Object.entries(files)) contents.set(`${path}/${name}`, bytes);
    },
    async removePath(path) {
      for (const name of contents.keys()) {
        if (name === path || name.startsWith(`${path}/`)) contents.delete(name);
      }
    },
  };
}
