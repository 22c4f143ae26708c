import { readFileSync, writeFileSync } from "node:fs";
import type { Row } from "./results.ts";
import { inRoot } from "./root.ts";

const [begin, end] = ["<!-- measured -->", "<!-- /measured -->"];

/** Puts the ratios of minima into the README, between its two marks: a row a model, a column a peer. */
export function writeSummary(rows: readonly Row[]): void {
  const path = inRoot("README.md");
  const [before, after] = readFileSync(path, "utf8").split(new RegExp(`${begin}[^]*${end}`));
  writeFileSync(path, `${before}${begin}\n\n${summary(rows)}\n\n${end}${after}`);
}

function summary(rows: readonly Row[]): string {
  const peers = [...new Set(rows.flatMap(({ peer }) => (peer ? [column(peer.name)] : [])))].sort();
  const lines = [...new Set(rows.map(({ name }) => name))].map((name) => {
    const own = rows.filter((row) => row.name === name);
    const cells = peers.map((peer) => {
      const ratio = own.find((row) => row.peer && column(row.peer.name) === peer)?.ratio;
      return ratio ? `${ratio.min.toFixed(2)}` : "";
    });
    return [name, `${own[0]!.advect.minMs.toPrecision(3)} ms`, ...cells];
  });
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(["", "advect", ...peers]), `|---|${"--:|".repeat(peers.length + 1)}`, ...lines.map(line)].join(
    "\n",
  );
}

/** "torch113 eager" as readers know it. */
function column(peer: string): string {
  return peer.replace("torch113", "PyTorch 1.13").replace("torch2", "PyTorch 2");
}
