/** What went wrong, for code that wants to react: see each kind's use in docs/decisions. */
export type ErrorKind = "shape" | "option" | "format" | "numerical" | "unsupported" | "io";

export interface ErrorReport {
  readonly expected: string;
  readonly got: unknown;
  /** What the reader should do about it: a full sentence. */
  readonly fix?: string;
  readonly cause?: unknown;
}

/** The one error advect throws: `where: expected …, got …. fix`. */
export class AdvectError extends Error {
  override readonly name = "AdvectError";
  readonly kind: ErrorKind;
  readonly where: string;

  constructor(kind: ErrorKind, where: string, report: ErrorReport) {
    const fix = report.fix ? ` ${report.fix}` : "";
    super(`${where}: expected ${report.expected}, got ${display(report.got)}.${fix}`, {
      cause: report.cause,
    });
    this.kind = kind;
    this.where = where;
  }
}

function display(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "bigint") return `${value}`;
  if (Array.isArray(value)) return `[${value.map(display).join(", ")}]`;
  if (value instanceof Error) return value.message;
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return String(value);
}
