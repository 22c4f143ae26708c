import type { AbsolutePath, AsyncReadable } from "zarrita";
import { type DataOf, type DType, dtypeOf, type NdArray, ndarray, sizeOf } from "../../engine/array/index.ts";
import { malformed, unsupported } from "../../engine/array/malformed.ts";
import { readZipDirectory, readZipEntry } from "../../engine/array/zip.ts";
import { AdvectError } from "../../engine/error.ts";
import type { Files } from "../../engine/platform/index.ts";

/** The arrays of a zarr group, version 2 or 3, wherever its keys lie. */
export interface ZarrStore {
  /** The bytes of a key such as "data/action/.zarray"; undefined where there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Names directly below a group. */
  list(group: string): Promise<readonly string[]>;
}

/** A folder of the machine; `keys` are not asked for outside it. */
export function folderStore(folder: string, files: Files): ZarrStore {
  const names = new Map<string, Promise<string[]>>();
  const list = (group: string) => {
    const path = group === "" ? folder : `${folder}/${group}`;
    const known = names.get(path) ?? files.listFolder(path);
    names.set(path, known);
    return known;
  };
  return {
    list,
    async get(key) {
      const cut = key.lastIndexOf("/");
      const there = await list(cut === -1 ? "" : key.slice(0, cut));
      return there.includes(key.slice(cut + 1)) ? files.readFile(`${folder}/${key}`) : undefined;
    },
  };
}

/** A zip of a folder, as diffusion_policy publishes them; the group may lie in a folder inside. Throws "format". */
export function zipStore(bytes: Uint8Array, where: string): ZarrStore {
  const entries = new Map(readZipDirectory(bytes, where).map((entry) => [entry.name, entry]));
  const roots = [...entries.keys()]
    .filter((name) => /(^|\/)(\.zgroup|zarr\.json)$/.test(name))
    .toSorted((a, b) => a.length - b.length);
  const root = roots[0]?.replace(/[^/]*$/, "");
  if (root === undefined) throw malformed(where, "group", { expected: ".zgroup or zarr.json", got: "none" });
  return {
    async get(key) {
      const entry = entries.get(root + key);
      return entry && readZipEntry(bytes, entry, where);
    },
    async list(group) {
      const start = group === "" ? root : `${root}${group}/`;
      const below = [...entries.keys()].filter((name) => name.startsWith(start));
      return [...new Set(below.map((name) => name.slice(start.length).split("/")[0]!))].filter(
        (name) => name,
      );
    },
  };
}

/** What arrays hold must fit in memory; a file may declare any shape. */
const mostBytes = 2 ** 32;

/** One array of a group. Throws "format", naming `where` and the array; "unsupported" beyond 4 GiB and for types that are not ours. */
export async function readZarrArray(
  store: ZarrStore,
  { path, where }: { readonly path: string; readonly where: string },
): Promise<NdArray<DType>> {
  try {
    const zarr = await import("zarrita");
    const location = zarr.root(readable(store)).resolve(path);
    const array = await zarr.open(location, { kind: "array" });
    const size = sizeOf(array.shape);
    if (!(size * 8 <= mostBytes)) throw unsupported(where, path, `shape [${array.shape}]`, "at most 4 GiB");
    const { data, shape } = await zarr.get(array);
    return toNdArray(data, { shape: [...shape], dtype: array.dtype, where: `${where}, ${path}` });
  } catch (cause) {
    if (cause instanceof AdvectError) throw cause;
    const got = cause instanceof Error ? cause.message : String(cause);
    throw malformed(where, path, { expected: "a whole zarr array", got, cause });
  }
}

function readable(store: ZarrStore): AsyncReadable {
  return { get: (key: AbsolutePath) => store.get(key.slice(1)) };
}

interface Decoded {
  readonly shape: number[];
  readonly dtype: string;
  readonly where: string;
}

function toNdArray(data: unknown, { shape, dtype, where }: Decoded): NdArray<DType> {
  const ours = [Float32Array, Float64Array, Int32Array, BigInt64Array, Uint8Array];
  if (dtype === "bool") return ndarray(Uint8Array.from(data as Iterable<number>, Number), shape, "bool");
  if (ours.some((kind) => data instanceof kind)) {
    return ndarray(data as DataOf<DType>, shape, dtypeOf(data as DataOf<DType>));
  }
  const small = [Int8Array, Int16Array, Uint16Array];
  if (small.some((kind) => data instanceof kind)) {
    return ndarray(Int32Array.from(data as Int16Array), shape, "int32");
  }
  throw unsupported(where, "dtype", dtype, "floats of 32 or 64 bits, integers, bool");
}
