import { AdvectError } from "../error.ts";

/** What the twins in node/ and web/ both export; each checks itself against it. */
export interface Platform extends Files {
  environment(): Environment;
  interruption(): Interruption;
  /**
   * What a program of the PATH writes to its standard output; the machine's shell is not asked. Throws "unsupported"
   * where there is no such program, and in browsers; "io", with what it complains of, when it fails.
   */
  runProgram(name: string, args: readonly string[]): Promise<Uint8Array>;
  /**
   * Starts a module in a thread of its own: `new Worker(new URL("./entry.js", import.meta.url), { type: "module" })`,
   * in just these words, by which bundlers find the module. Speak to it through `workerCalls`.
   */
  readonly Worker: new (
    url: URL,
    options: { readonly type: "module" },
  ) => WorkerThread;
  /** Inside a worker: the way back to the thread that started it. */
  readonly parentPort: WorkerPort;
}

/** One end of a way between two threads. Messages are copied as by structuredClone, or moved where transferred. */
export interface WorkerPort {
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  onMessage(take: (message: unknown) => void): void;
}

/** A thread as the one that started it sees it. Once disposed it is gone, whatever it was doing. */
export interface WorkerThread extends WorkerPort, Disposable {
  /** Called when the thread cannot start, throws, or ends by itself; perhaps more than once. */
  onFailure(take: (cause: unknown) => void): void;
  /** Whether the process should wait for it; at first it does not. Of no meaning in browsers. */
  hold(held: boolean): void;
}

/** Files and folders; a program that keeps them elsewhere, or a test, supplies its own. All throw "io"; in browsers, what is more than reading "unsupported". */
export interface Files {
  /** The bytes of a file. */
  readFile(path: string): Promise<Uint8Array>;
  /** Writes all of `bytes` or nothing: readers see the old file or the new one. */
  writeFileAtomic(path: string, bytes: Uint8Array): Promise<void>;
  /**
   * Writes a folder of files, by name, in the place of the one that is there, and folders above it that are missing.
   * Readers see all files or no folder. What a killed process leaves behind is called `.<name>.<id>.tmp`.
   */
  writeFolderAtomic(path: string, files: Readonly<Record<string, Uint8Array>>): Promise<void>;
  /** Adds `line` and a line break in one write, which readers see at once and which outlives the process; makes missing folders. */
  appendLine(path: string, line: string): Promise<void>;
  /** The names in a folder, sorted; none if it is not there. */
  listFolder(path: string): Promise<string[]>;
  /** Removes a file or a folder with all in it; no error if it is not there. */
  removePath(path: string): Promise<void>;
}

export interface Environment {
  readonly name: "node" | "web";
  /** Cores, not hardware threads, that this process may use; at least 1. */
  readonly physicalCores: number;
}

/** Aborts at the first SIGINT (Ctrl-C) or SIGTERM; the second ends the process as usual. Never aborts in browsers. Dispose it to listen no more. */
export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
}

const readers = ["readFile", "listFolder"];

/** An "io" error about `path` that keeps its cause. */
export function ioError(where: string, path: string, cause: unknown): AdvectError {
  return new AdvectError("io", where, {
    expected: `to ${readers.includes(where) ? "read" : "write"} ${path}`,
    got: cause instanceof Error ? cause.message : String(cause),
    fix: isDiskFull(cause)
      ? "Free some space on the disk."
      : "Check that the path exists and that you may use it.",
    cause,
  });
}

/** No space on the device, or none left in the user's quota. */
function isDiskFull(cause: unknown): boolean {
  const { code } = (cause ?? {}) as { code?: unknown };
  return code === "ENOSPC" || code === "EDQUOT";
}
