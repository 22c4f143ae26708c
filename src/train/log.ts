import { type Files, platformFiles } from "./files.ts";

/** One line of the log; `step` says after how many steps it was written. */
export interface LogEntry {
  readonly step: number;
  readonly [name: string]: unknown;
}

/** A file of JSON lines that can be read while it grows. */
export interface MetricsLog {
  /** Keeps the lines up to `step` and drops what a stopped run wrote after its last checkpoint, or half. Throws "io". */
  rewind(step: number): Promise<void>;
  /** Hands the line to the operating system before it returns, so that it outlives the process. Throws "io". */
  write(entry: LogEntry): Promise<void>;
}

/** Numbers that JSON has no word for (NaN, Infinity) become null. */
export function metricsLog(path: string, files: Files = platformFiles): MetricsLog {
  return {
    async rewind(step) {
      const text = await textOf(path, files);
      const kept = text.split(/(?<=\n)/).filter((line) => line.endsWith("\n") && stepOf(line) <= step);
      if (kept.join("") === text) return;
      await files.writeFileAtomic(path, new TextEncoder().encode(kept.join("")));
    },
    write: (entry) => files.appendLine(path, JSON.stringify(entry)),
  };
}

/** The entries of a log, also of one that is being written: a last line without its end is left out. Throws "io". */
export async function readLog(
  path: string,
  files: Pick<Files, "readFile"> = platformFiles,
): Promise<LogEntry[]> {
  const text = new TextDecoder().decode(await files.readFile(path));
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => stepOf(line) < Number.POSITIVE_INFINITY)
    .map((line) => JSON.parse(line) as LogEntry);
}

/** Infinity for a line that is no entry. */
function stepOf(line: string): number {
  try {
    const { step } = JSON.parse(line) as Partial<LogEntry>;
    return typeof step === "number" ? step : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** "" for a log that does not exist yet. */
async function textOf(path: string, files: Files): Promise<string> {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  const names = await files.listFolder(end < 0 ? "." : path.slice(0, end) || "/");
  if (!names.includes(path.slice(end + 1))) return "";
  return new TextDecoder().decode(await files.readFile(path));
}
