import { zipSync } from "fflate";
import { AdvectError } from "../error.ts";
import { encodeName, malformed, unsupported } from "./malformed.ts";
import type { DType, NdArray } from "./nd-array.ts";
import { npyBytes, parseNpy } from "./npy.ts";
import { readZipDirectory, readZipEntry } from "./zip.ts";

/**
 * Reads the arrays of a .npz file, by their names without ".npy". The declared sizes are checked before anything is
 * inflated; checksums are verified. Throws "format", naming `where`; "unsupported" as `parseNpy` does, for encrypted
 * files and for more than `maxBytes` of content (64 times the file or 256 MiB, whichever is more, unless given).
 */
export function parseNpz(
  bytes: Uint8Array,
  where = "parseNpz",
  { maxBytes = Math.max(2 ** 28, 64 * bytes.length) }: { readonly maxBytes?: number } = {},
): Record<string, NdArray<DType>> {
  const directory = readZipDirectory(bytes, where);
  const total = directory.reduce((sum, { size }) => sum + size, 0);
  if (total > maxBytes) throw unsupported(where, "content", `${total} bytes`, `at most ${maxBytes} bytes`);
  const arrays = directory.map((entry) => {
    if (!entry.name.endsWith(".npy")) {
      throw malformed(where, "entry name", { expected: "names ending in .npy", got: entry.name });
    }
    const array = parseNpy(readZipEntry(bytes, entry, where), `${where}, entry ${entry.name}`);
    return [entry.name.slice(0, -4), array] as const;
  });
  return Object.fromEntries(arrays);
}

/** Level 0 stores, as numpy.savez does; 1 to 9 deflate. Equal arrays give equal bytes. Throws "option", "unsupported". */
export function npzBytes(
  arrays: Readonly<Record<string, NdArray<DType>>>,
  { level = 0 }: { readonly level?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 } = {},
): Uint8Array {
  checkSize(arrays);
  const files = Object.entries(arrays).map(([name, array]) => {
    encodeName(name, "npzBytes");
    return [`${name}.npy`, npyBytes(array)];
  });
  // Zip cannot say "no date"; the first one it knows keeps the bytes independent of the clock.
  return zipSync(Object.fromEntries(files), { level, mtime: new Date(1980, 0, 1) });
}

function checkSize(arrays: Readonly<Record<string, NdArray<DType>>>): void {
  const all = Object.values(arrays);
  const size = all.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (size < 2 ** 32 - 2 ** 24 && all.length < 0xffff) return; // leaves 16 MB for headers
  throw new AdvectError("unsupported", "npzBytes", {
    expected: "less than 4 GiB in fewer than 65535 arrays",
    got: `${size} bytes in ${all.length} arrays`,
    fix: "Split them over several files, or write safetensors.",
  });
}
