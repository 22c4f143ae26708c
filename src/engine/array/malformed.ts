import { AdvectError } from "../error.ts";

/** A "format" error that names the file and the field: `weights.npz, entry x.npy, shape: expected …, got …`. */
export function malformed(
  where: string,
  field: string,
  report: { readonly expected: string; readonly got: unknown; readonly cause?: unknown },
): AdvectError {
  const got = typeof report.got === "string" ? JSON.stringify(short(report.got)) : report.got;
  const expected = short(report.expected);
  return new AdvectError("format", `${where}, ${short(field)}`, { ...report, expected, got });
}

/** A file that is well formed but holds what advect does not read. */
export function unsupported(where: string, field: string, got: string, expected: string): AdvectError {
  return new AdvectError("unsupported", `${where}, ${short(field)}`, {
    expected,
    got: JSON.stringify(short(got)),
    fix: "Convert it in the program that wrote the file.",
  });
}

/** A hostile file must not fill the log either. */
function short(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

/** Strict UTF-8. Throws "format". */
export function decodeUtf8(bytes: Uint8Array, where: string, field: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw malformed(where, field, { expected: "UTF-8 text", got: "other bytes", cause });
  }
}

/** UTF-8 of a name that must be read back unchanged. Throws "option" for half surrogate pairs. */
export function encodeName(name: string, where: string): Uint8Array {
  const bytes = new TextEncoder().encode(name);
  if (new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) === name) return bytes;
  throw new AdvectError("option", where, {
    expected: "names of whole Unicode characters",
    got: JSON.stringify(name),
    fix: "Rename the array.",
  });
}
