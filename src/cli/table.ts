/** Rows of cells in columns: numbers to the right, words to the left, and no space at the ends of lines. */
export function table(rows: readonly (readonly (string | number)[])[], indent = ""): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(...rows.map((row) => String(row[i] ?? "").length)),
  );
  return rows
    .map((row) => {
      const cells = row.map((cell, i) =>
        typeof cell === "number" ? String(cell).padStart(widths[i]!) : cell.padEnd(widths[i]!),
      );
      return `${indent}${cells.join("  ")}`.trimEnd();
    })
    .join("\n");
}

/** 12,345 */
export const grouped = (value: number): string => `${value}`.replace(/\B(?=(\d{3})+$)/g, ",");
