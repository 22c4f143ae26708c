import type { Row } from "./results.ts";
import { verdict } from "./results.ts";

const header = [
  "name",
  "advect ms",
  "peer",
  "peer ms",
  "ratio",
  "target",
  "",
  "GFLOP/s",
  "of peak",
  "settings",
];

/** The rows as cells of text: times are "minimum / median". */
export function cells(rows: readonly Row[]): string[][] {
  return [header, ...rows.map(rowCells)];
}

function rowCells(row: Row): string[] {
  const { advect, peer, ratio, throughput } = row;
  return [
    row.name,
    times(advect),
    peer ? `${peer.name} ${peer.version}` : "none",
    peer ? times(peer) : "-",
    ratio ? `${ratio.min.toFixed(2)} / ${ratio.median.toFixed(2)}` : "-",
    row.target === null ? "-" : `${row.target}`,
    verdict(row),
    throughput ? throughput.gflops.toFixed(1) : "-",
    throughput ? `${Math.round(100 * throughput.fractionOfPeak)} %` : "-",
    [advect.settings, peer?.settings].filter(Boolean).join("; "),
  ];
}

/** Columns padded with blanks, for a terminal. */
export function plainTable(rows: readonly Row[]): string {
  const lines = cells(rows);
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function markdownTable(rows: readonly Row[]): string {
  const [names, ...lines] = cells(rows);
  const row = (line: readonly string[]) => `| ${line.join(" | ")} |`;
  return [row(names!), `|${names!.map(() => "---|").join("")}`, ...lines.map(row)].join("\n");
}

function times(timing: { minMs: number; medianMs: number }): string {
  return `${digits(timing.minMs)} / ${digits(timing.medianMs)}`;
}

function digits(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3);
}
