import { crc32 } from "../engine/array/crc32.ts";
import { AdvectError } from "../engine/error.ts";
import type { Files } from "./files.ts";

/** Size and CRC-32 of every other file of a folder: a flipped bit in a weight is no error of any format. */
type Checksums = Readonly<Record<string, { readonly bytes: number; readonly crc32: number }>>;

const listName = "checksums.json";

/** The files and, under checksums.json, their list. */
export function listed(files: Readonly<Record<string, Uint8Array>>): Record<string, Uint8Array> {
  const sums: Checksums = Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name, { bytes: bytes.length, crc32: crc32(bytes) }]),
  );
  return { ...files, [listName]: new TextEncoder().encode(`${JSON.stringify(sums, null, 2)}\n`) };
}

export interface Verified {
  readonly names: readonly string[];
  /** Throws "io" for a missing file, "format" for a damaged one. */
  read(name: string): Promise<Uint8Array>;
}

/** Reads the files of such a folder by name, whole ones only. Throws "io" and "format". */
export async function verified(folder: string, files: Pick<Files, "readFile">): Promise<Verified> {
  const sums = parseList(await files.readFile(`${folder}/${listName}`), `${folder}/${listName}`);
  const read = async (name: string) => {
    const bytes = await files.readFile(`${folder}/${name}`);
    const expected = sums[name];
    const sum = crc32(bytes);
    if (expected?.bytes === bytes.length && expected.crc32 === sum) return bytes;
    throw new AdvectError("format", `${folder}/${name}`, {
      expected: `${expected?.bytes} bytes with the CRC-32 ${expected?.crc32} of ${listName}`,
      got: `${bytes.length} bytes with ${sum}`,
      fix: "The file is damaged: use another checkpoint.",
    });
  };
  return { names: Object.keys(sums), read };
}

function parseList(bytes: Uint8Array, where: string): Checksums {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof value === "object" && value !== null) return value as Checksums;
  } catch {
    // told below
  }
  throw new AdvectError("format", where, {
    expected: "sizes and checksums by file name",
    got: `${bytes.length} other bytes`,
    fix: "The file is damaged: use another checkpoint.",
  });
}
