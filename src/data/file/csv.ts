import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { decodeUtf8, malformed } from "../../engine/array/malformed.ts";
import { gunzip } from "./gunzip.ts";

export interface Table {
  /** Names of the columns, where the first line has any. */
  readonly names?: readonly string[];
  /** [rows, columns]. */
  readonly values: NdArray<"float64">;
}

/** A decimal number, or one of the words that Python and C write for those that are none. */
const number = /^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|nan|inf(?:inity)?)$/i;

/**
 * A table of numbers, separated by commas, from text or gzipped text. Empty lines and lines that begin with # are
 * passed over; the first of the others holds names if any cell of it is no number. Cells may stand in double quotes
 * but hold no comma. Throws "format", naming `where`, line and column: for a cell that is no number, for lines of
 * different lengths, and for a table without rows.
 */
export function parseCsv(bytes: Uint8Array, where = "parseCsv"): Table {
  const lines = linesOf(decodeUtf8(gunzip(bytes, where), where, "text"));
  const first = lines[0] && cellsOf(lines[0].text);
  const named = first?.some((cell) => !number.test(cell)) ?? false;
  const rows = named ? lines.slice(1) : lines;
  if (!first || rows.length === 0) throw malformed(where, "rows", { expected: "at least one", got: 0 });
  const columns = first.length;
  const data = new Float64Array(rows.length * columns);
  rows.forEach((line, row) => data.set(numbersOf(line, columns, where), row * columns));
  const values = ndarray(data, [rows.length, columns], "float64");
  return named ? { names: first, values } : { values };
}

interface Line {
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

function linesOf(text: string): Line[] {
  return text
    .split(/\r\n|\n|\r/)
    .map((line, i) => ({ text: line.trim(), line: i + 1 })) // which also takes a byte order mark away
    .filter(({ text: content }) => content !== "" && !content.startsWith("#"));
}

function cellsOf(text: string): string[] {
  return text.split(",").map((cell) => cell.trim().replace(/^"([^"]*)"$/, "$1"));
}

function numbersOf({ text, line }: Line, columns: number, where: string): number[] {
  const cells = cellsOf(text);
  if (cells.length !== columns) {
    throw malformed(where, `line ${line}`, { expected: `${columns} cells`, got: cells.length });
  }
  return cells.map((cell, column) => {
    if (number.test(cell)) return toNumber(cell);
    throw malformed(where, `line ${line}, column ${column + 1}`, { expected: "a number", got: cell });
  });
}

function toNumber(cell: string): number {
  if (/nan/i.test(cell)) return Number.NaN;
  if (/inf/i.test(cell)) return cell.startsWith("-") ? -Infinity : Infinity;
  return Number(cell);
}
