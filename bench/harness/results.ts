import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { type Machine, machine } from "./machine.ts";
import type { Timing } from "./measure.ts";
import { inRoot } from "./root.ts";

export interface Peer extends Timing {
  readonly name: string;
  readonly version: string;
  readonly settings: string;
}

/** Ratios are peer / advect: above 1, advect is faster. */
export interface Row {
  readonly name: string;
  readonly advect: Timing & { readonly settings: string };
  readonly peer: Peer | null;
  readonly ratio: { readonly median: number; readonly min: number } | null;
  /** The ratio of minima that the project promises; null where it only reports. */
  readonly target: number | null;
  /** advect's rate in its fastest step, and the part of the machine's GEMM peak that it is. */
  readonly throughput?: { readonly gflops: number; readonly fractionOfPeak: number };
  readonly note: string;
}

export interface Results {
  readonly machine: Machine;
  readonly date: string;
  /** What the table says about itself: how it was measured, peaks, missing peers. */
  readonly remarks: readonly string[];
  readonly rows: readonly Row[];
}

const folder = inRoot("bench", "results");

/** `merge` keeps the rows of an earlier run, on the same machine, that were not measured again. */
type Measured = Pick<Results, "rows" | "remarks"> & { readonly merge: boolean };

/** Writes bench/results/<name>.json, whole or not at all. */
export function saveResults(name: string, { rows, remarks, merge }: Measured): void {
  const date = new Date().toISOString().slice(0, 10);
  const earlier = merge ? readResults().get(name) : undefined;
  const here = machine();
  const kept = earlier?.machine.cpu === here.cpu ? earlier.rows : [];
  const told = [...new Set([...(kept.length > 0 ? earlier!.remarks : []), ...remarks])];
  const results: Results = { machine: here, date, remarks: told, rows: merged(kept, rows) };
  mkdirSync(folder, { recursive: true });
  const path = `${folder}/${name}.json`;
  writeFileSync(`${path}.part`, `${JSON.stringify(results, null, 2)}\n`);
  renameSync(`${path}.part`, path);
}

/** The earlier rows in their places, with what was measured again in its new form, and new rows after them. */
function merged(earlier: readonly Row[], rows: readonly Row[]): Row[] {
  const measured = new Set(rows.map(({ name }) => name));
  const names = [...new Set([...earlier, ...rows].map(({ name }) => name))];
  return names.flatMap((name) => (measured.has(name) ? rows : earlier).filter((row) => row.name === name));
}

/** All results, by name, in alphabetical order. */
export function readResults(): Map<string, Results> {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const names = files.filter((file) => file.endsWith(".json"));
  return new Map(
    names.sort().map((file) => {
      const text = readFileSync(`${folder}/${file}`, "utf8");
      return [file.slice(0, -".json".length), JSON.parse(text) as Results];
    }),
  );
}

export function ratioOf(advect: Timing, peer: Timing): { median: number; min: number } {
  return { median: round(peer.medianMs / advect.medianMs), min: round(peer.minMs / advect.minMs) };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** "met", "missed" or "-" where nothing was promised or nobody was there to compare with. */
export function verdict(row: Row): "met" | "missed" | "-" {
  if (row.target === null || row.ratio === null) return "-";
  return row.ratio.min >= row.target ? "met" : "missed";
}
