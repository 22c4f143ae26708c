import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Platform } from "../contract.ts";

let physical: number | undefined;

/** Asked of the machine once; never more than the threads this process may use. */
export const environment: Platform["environment"] = () => {
  physical ??= Math.max(1, Math.min(availableParallelism(), machineCores()));
  return { name: "node", physicalCores: physical };
};

/** Where the machine does not tell: x64 processors mostly run two threads a core, the others one. */
function machineCores(): number {
  const guess = Math.ceil(availableParallelism() / (process.arch === "x64" ? 2 : 1));
  try {
    if (process.platform === "linux") return countCores(readFileSync("/proc/cpuinfo", "utf8")) || guess;
    if (process.platform === "darwin") {
      return Number(execFileSync("sysctl", ["-n", "hw.physicalcpu"], { encoding: "utf8" })) || guess;
    }
  } catch {
    // a container without /proc or sysctl: the guess is all there is
  }
  return guess;
}

/** Distinct (physical id, core id) pairs of /proc/cpuinfo; 0 where it lists none, as on ARM. */
export function countCores(cpuinfo: string): number {
  const pairs = cpuinfo.split(/\n\s*\n/).flatMap((block) => {
    const core = /^core id\s*:\s*(\d+)/m.exec(block)?.[1];
    const socket = /^physical id\s*:\s*(\d+)/m.exec(block)?.[1];
    return core === undefined ? [] : [`${socket}/${core}`];
  });
  return new Set(pairs).size;
}
