import { AdvectError } from "../error.ts";

/** What the twins in node/ and web/ both export; each checks itself against it. */
export interface Platform {
  /** The bytes of a file. Throws "io". */
  readFile(path: string): Promise<Uint8Array>;
  /** Writes all of `bytes` or nothing: readers see the old file or the new one. Throws "io"; "unsupported" in browsers. */
  writeFileAtomic(path: string, bytes: Uint8Array): Promise<void>;
  environment(): Environment;
}

export interface Environment {
  readonly name: "node" | "web";
  /** Cores, not hardware threads, that this process may use; at least 1. */
  readonly physicalCores: number;
}

/** An "io" error about `path` that keeps its cause. */
export function ioError(where: string, path: string, cause: unknown): AdvectError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AdvectError("io", where, {
    expected: `to ${where === "readFile" ? "read" : "write"} ${path}`,
    got: reason,
    fix: "Check that the path exists and that you may use it.",
    cause,
  });
}
